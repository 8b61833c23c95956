import { raw } from 'hono/html'
import { htmlToPlainText } from '#src/base/html.ts'
import type { Account } from '#src/db/accounts.ts'
import type { FeaturedTag } from '#src/db/featured-tags.ts'
import type { ProfileField } from '#src/db/tables.ts'
import type { NoteView } from '#src/notes/view.ts'
import { isLeftOut } from '../filtering.ts'
import type { Visit } from '../session.ts'
import { Icon } from './Icon.tsx'
import { displayName, handleOf, profilePath } from './Names.tsx'
import { NoteCard } from './NoteCard.tsx'

/** What kind of actor that is, where it is no person. */
export const KindMark = ({ account, visit }: { account: Account; visit: Visit }) => {
  const { identity } = visit.words
  const names = { Service: identity.bot, Application: identity.bot, Group: identity.group }
  const name = { ...names, Organization: identity.organization, Person: undefined }[account.kind]
  return name === undefined ? null : <span class="tag">{name}</span>
}

export const ProfileFields = ({ account, visit }: { account: Account; visit: Visit }) =>
  account.fields.length === 0 ? null : (
    <dl class="fields">
      {account.fields.map((field) => (
        <div class={field.verifiedAt === null ? undefined : 'verified'}>
          <dt dir="auto">{htmlToPlainText(field.name)}</dt>
          <dd dir="auto">
            <FieldValue field={field} isLocal={account.domain === null} />
            {field.verifiedAt !== null && (
              <span class="verified-mark" title={visit.words.identity.verified}>
                <Icon name="check" />
                <span class="sr-only">{visit.words.identity.verified}</span>
              </span>
            )}
          </dd>
        </div>
      ))}
    </dl>
  )

/** What people here typed is text; what other servers sent was sanitised when it came in. */
const FieldValue = ({ field, isLocal }: { field: ProfileField; isLocal: boolean }) => {
  if (!isLocal) return <>{raw(field.value)}</>
  if (!/^https?:\/\/\S+$/.test(field.value)) return <>{field.value}</>
  return (
    <a href={field.value} rel="me nofollow noopener noreferrer" target="_blank">
      {field.value.replace(/^https?:\/\//, '')}
    </a>
  )
}

type TagsProps = { account: Account; tags: FeaturedTag[]; visit: Visit }

/** Hashtags that lead to what someone posted under them. */
export const FeaturedTags = ({ account, tags, visit }: TagsProps) =>
  tags.length === 0 ? null : (
    <nav class="featured-tags" aria-label={visit.words.identity.tags}>
      {tags.map(({ name }) => (
        <a class="tag" href={`${profilePath(account)}/tagged/${encodeURIComponent(name)}`}>
          <bdi>#{name}</bdi>
        </a>
      ))}
    </nav>
  )

export const MovedNotice = ({
  account,
  successor,
  visit,
}: {
  account: Account
  successor: Account | undefined
  visit: Visit
}) =>
  successor === undefined ? null : (
    <p class="notice">
      <bdi>{visit.words.identity.movedTo(displayName(account))}</bdi>{' '}
      <a href={profilePath(successor)}>
        <bdi>{handleOf(successor)}</bdi>
      </a>
    </p>
  )

/** What someone wants to be seen first, each under a mark that says so. */
export const PinnedNotes = ({ views, visit }: { views: NoteView[]; visit: Visit }) => {
  const shown = views.filter((view) => !isLeftOut(view, visit))
  if (shown.length === 0) return null
  return (
    <section class="pinned" aria-label={visit.words.identity.pinned}>
      {shown.map((view) => (
        <>
          <p class="context">
            <Icon name="pin" />
            {visit.words.identity.pinned}
          </p>
          <NoteCard view={view} visit={visit} />
        </>
      ))}
    </section>
  )
}
