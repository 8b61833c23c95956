import type { Account } from '#src/db/accounts.ts'
import type { Visit } from '../session.ts'

type Pictured = Pick<Account, 'id' | 'avatar_key' | 'avatar_remote_url'>

export function avatarUrl({ app }: Pick<Visit, 'app'>, account: Pictured): string {
  if (account.avatar_key) return app.storage.urlOf(account.avatar_key)
  const remoteUrl = account.avatar_remote_url
  return remoteUrl ? app.remoteFiles.urlOf(remoteUrl, 'avatar') : `/avatar/${account.id}.svg`
}

type Props = { account: Pictured; visit: Visit; size: number }

/** Stands beside the name, so it says nothing to those who hear the page. */
export const Avatar = ({ account, visit, size }: Props) => (
  <img
    class="avatar"
    src={avatarUrl(visit, account)}
    alt=""
    width={size}
    height={size}
    loading="lazy"
    decoding="async"
  />
)
