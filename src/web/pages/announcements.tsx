import { raw } from 'hono/html'
import { AppError, isAppError, notFound } from '#src/base/errors.ts'
import { type Announcement, listAnnouncements } from '#src/db/announcements.ts'
import { announce, withdrawAnnouncement } from '#src/policies/announcements.ts'
import { longTextHtml } from '#src/policies/server-words.ts'
import { Fault } from '../components/Fault.tsx'
import { Hidden } from '../components/Hidden.tsx'
import { SettingHead } from '../components/SettingHead.tsx'
import { Time } from '../components/Time.tsx'
import { textOf } from '../forms.ts'
import { renderPage } from '../layout.tsx'
import { isId, type PageContext, requireAdmin, type Visit } from '../session.ts'

const path = '/admin/announcements'
const mostListed = 100
const names = ['starts', 'ends'] as const

type Filled = { text: string; starts: string; ends: string }

/** What is said to everyone here, for those who run this server. */
export async function announcementsPage(c: PageContext) {
  requireAdmin(c)
  return show(c, { text: '', starts: '', ends: '' })
}

export async function saveAnnouncement(c: PageContext) {
  const { account } = requireAdmin(c)
  const { visit, form } = c.var
  const filled = { text: textOf(form, 'text'), starts: textOf(form, 'starts'), ends: textOf(form, 'ends') }
  try {
    const startsAt = momentOf(filled.starts)
    const endsAt = momentOf(filled.ends)
    await announce(visit.app, account.id, { text: filled.text, startsAt, endsAt })
  } catch (error) {
    if (!isAppError(error) || error.kind !== 'invalid') throw error
    return show(c, filled, error.code)
  }
  return c.redirect(path, 303)
}

export async function dropAnnouncement(c: PageContext) {
  const { account } = requireAdmin(c)
  const { visit, form } = c.var
  const id = textOf(form, 'id')
  if (!isId(id)) throw notFound()
  await withdrawAnnouncement(visit.app, account.id, id)
  return c.redirect(path, 303)
}

/** What a browser sends of a day and a time, taken as UTC; null for nothing. @throws AppError invalid */
function momentOf(typed: string): Date | null {
  if (typed.trim() === '') return null
  const moment = new Date(`${typed.trim()}Z`)
  if (Number.isNaN(moment.getTime())) throw new AppError('invalid', 'That is no time', { code: 'time' })
  return moment
}

async function show(c: PageContext, filled: Filled, wrong?: string) {
  const { visit } = c.var
  const words = visit.words.announcements
  const announcements = await listAnnouncements(visit.app.db, mostListed)
  return renderPage(c, {
    title: words.title,
    status: wrong === undefined ? 200 : 422,
    children: (
      <>
        <SettingHead title={words.title} visit={visit} />
        <AddForm filled={filled} wrong={wrong} visit={visit} />
        {announcements.length === 0 ? (
          <p class="empty">{words.none}</p>
        ) : (
          <ul class="reports">
            {announcements.map((announcement) => (
              <li>
                <Listed announcement={announcement} visit={visit} />
              </li>
            ))}
          </ul>
        )}
      </>
    ),
  })
}

type FormProps = { filled: Filled; wrong: string | undefined; visit: Visit }

const AddForm = ({ filled, wrong, visit }: FormProps) => {
  const words = visit.words.announcements
  return (
    <form class="setting-form" method="post" action={path}>
      <Hidden visit={visit} back={path} />
      <div class="field">
        <label for="text">{words.text}</label>
        <textarea id="text" name="text" rows={3} required dir="auto" aria-describedby="text-hint">
          {filled.text}
        </textarea>
        <Fault text={wrong === 'text' ? words.wrong : undefined} />
        <p class="hint" id="text-hint">
          {words.textHint}
        </p>
      </div>
      {names.map((name) => (
        <div class="field">
          <label for={name}>{words[name]}</label>
          <input
            id={name}
            name={name}
            type="datetime-local"
            value={filled[name]}
            aria-describedby="time-hint"
          />
        </div>
      ))}
      <Fault text={wrong === 'time' ? words.wrongTime : undefined} />
      <p class="hint" id="time-hint">
        {words.timeHint}
      </p>
      <button type="submit" class="button primary">
        {words.add}
      </button>
    </form>
  )
}

const Listed = ({ announcement, visit }: { announcement: Announcement; visit: Visit }) => {
  const words = visit.words.announcements
  const { id, text, starts_at, ends_at, created_at } = announcement
  return (
    <form method="post" action={`${path}/remove`}>
      <Hidden visit={visit} back={path} />
      <input type="hidden" name="id" value={id} />
      <div class="prose" dir="auto">
        {raw(longTextHtml(visit.app, text))}
      </div>
      <p class="hint">
        <Time at={starts_at ?? created_at} visit={visit} isAbsolute />
        {ends_at && (
          <>
            {' – '}
            <Time at={ends_at} visit={visit} isAbsolute />
          </>
        )}
      </p>
      <button type="submit" class="button small">
        {words.withdraw}
      </button>
    </form>
  )
}
