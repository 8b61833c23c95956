import { sql } from 'kysely'
import type { TestPerson, TestServer } from './test-server.ts'

/**
 * Remote people who follow someone, in bulk: nothing of them is served anywhere.
 * @param inboxes SQL for the inbox and the shared inbox (null for none) of number `n`
 */
export async function addFollowers(
  { app: { db } }: Pick<TestServer, 'app'>,
  followee: Pick<TestPerson, 'accountId'>,
  {
    count,
    domain,
    inbox,
    sharedInbox,
  }: { count: number; domain: string; inbox: string; sharedInbox?: string },
): Promise<void> {
  await sql`
    with added as (
      insert into accounts (username, domain, uri, url, inbox_uri, shared_inbox_uri, following_count)
      select 'fan' || n, ${domain}, 'http://' || ${domain} || '/fans/' || n, 'http://' || ${domain} || '/@fan' || n,
        replace(${inbox}, '*', n::text), ${sharedInbox ?? null}, 1
      from generate_series(1, ${count}::int) as n
      returning id, uri
    ), counted as (
      update accounts set followers_count = followers_count + ${count}::int where id = ${followee.accountId}
    )
    insert into follows (follower_id, followee_id, uri, state)
    select id, ${followee.accountId}, uri || '/follows/1', 'accepted' from added
  `.execute(db)
}
