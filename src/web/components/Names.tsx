import type { Account } from '#src/db/accounts.ts'
import type { Visit } from '../session.ts'
import { Avatar } from './Avatar.tsx'
import { EmojifiedText } from './Emojified.tsx'

/** The name someone chose, or their username. In its own direction, so that it cannot turn its surroundings. */
export function displayName(account: Pick<Account, 'name' | 'username'>): string {
  return account.name || account.username
}

/** `@alice`, or `@bob@another.server`. */
export function handleOf(account: Pick<Account, 'username' | 'domain'>): string {
  return account.domain === null ? `@${account.username}` : `@${account.username}@${account.domain}`
}

export function profilePath(account: Pick<Account, 'username' | 'domain'>): string {
  return `/${encodeURI(handleOf(account))}`
}

export function notePath(account: Pick<Account, 'username' | 'domain'>, noteId: string): string {
  return `${profilePath(account)}/${noteId}`
}

/** One person in a list. */
export const AccountLine = ({
  account,
  visit,
  children,
}: {
  account: Account
  visit: Visit
  children?: unknown
}) => (
  <div class="account-line">
    <a href={profilePath(account)}>
      <Avatar account={account} visit={visit} size={44} />
      <span>
        <strong>
          <bdi>
            <EmojifiedText text={displayName(account)} emojis={account.emojis} visit={visit} />
          </bdi>
        </strong>
        <span class="handle">{handleOf(account)}</span>
      </span>
    </a>
    {children}
  </div>
)
