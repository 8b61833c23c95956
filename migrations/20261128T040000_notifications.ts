import { type Kysely, sql } from 'kysely'

/**
 * Notifications are held back or let through by their recipient's policy, and those of one kind about one thing share
 * a key. What was told before stays as it is: let through, and on its own.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of [columns, policies, requests]) await sql.raw(statement).execute(db)
}

// In the order of bytes, so that the keys of one target are a range. Nothing that is let through is in the index of
// what is held. Where few people live, and Postgres knew that, it would go back through what all of them were told, by
// the primary key, instead of by account: whoever is told little would wait for it to read everything.
const columns = `
alter table notifications
  add column is_filtered boolean not null default false,
  add column group_key text collate "C";
drop index notifications_by_account;
create index notifications_by_account on notifications (account_id, is_filtered, id desc);
drop index notifications_by_sender;
create index notifications_by_sender on notifications (from_account_id, account_id, id desc);
create index notifications_by_group on notifications (account_id, group_key, id desc) where group_key is not null;
create index notifications_held on notifications (account_id, from_account_id, id desc)
  where is_filtered and kind in ('mention', 'quote', 'remix');
alter table notifications
  alter column account_id set statistics 0,
  alter column from_account_id set statistics 0;
`

// One row for each who decided something; a permission outweighs the policy.
const policies = `
create table notification_policies (
  account_id bigint primary key references accounts on delete cascade,
  for_not_following text not null default 'accept' check (for_not_following in ('accept', 'filter', 'drop')),
  for_not_followers text not null default 'accept' check (for_not_followers in ('accept', 'filter', 'drop')),
  for_new_accounts text not null default 'accept' check (for_new_accounts in ('accept', 'filter', 'drop')),
  for_private_mentions text not null default 'accept' check (for_private_mentions in ('accept', 'filter', 'drop')),
  for_limited_accounts text not null default 'filter' check (for_limited_accounts in ('accept', 'filter', 'drop'))
);
create table notification_permissions (
  account_id bigint not null references accounts on delete cascade,
  from_account_id bigint not null references accounts on delete cascade,
  created_at timestamptz not null default now(),
  primary key (account_id, from_account_id)
);
create index notification_permissions_by_sender on notification_permissions (from_account_id);
`

const requests = `
create table notification_requests (
  id bigint primary key default new_id(),
  account_id bigint not null references accounts on delete cascade,
  from_account_id bigint not null references accounts on delete cascade,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (account_id, from_account_id)
);
create index notification_requests_by_account on notification_requests (account_id, id desc);
create index notification_requests_by_sender on notification_requests (from_account_id);
`
