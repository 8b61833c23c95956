import { notFound } from '#src/base/errors.ts'
import { type Account, findAccount, listAccounts } from '#src/db/accounts.ts'
import { findReport, listReports, type Report } from '#src/db/reports.ts'
import { resolveReport } from '#src/moderation/report.ts'
import { loadNoteViews } from '#src/notes/view.ts'
import { Paging, pageLength } from '../components/Feed.tsx'
import { Hidden } from '../components/Hidden.tsx'
import { AccountLine, displayName, profilePath } from '../components/Names.tsx'
import { NoteCard } from '../components/NoteCard.tsx'
import { SettingHead } from '../components/SettingHead.tsx'
import { Time } from '../components/Time.tsx'
import { renderPage } from '../layout.tsx'
import { idParam, olderThan, type PageContext, requireModerator, type Visit } from '../session.ts'

const path = '/admin/reports'

/** What was reported, the unresolved first to be seen; for moderators and above. */
export async function reportsPage(c: PageContext) {
  requireModerator(c)
  const { visit } = c.var
  const { reports: words } = visit.words
  const isOpen = c.req.query('resolved') === undefined
  const reports = await listReports(visit.app.db, { limit: pageLength, maxId: olderThan(c), isOpen })
  const ids = reports.flatMap((report) => [report.target_id, report.account_id])
  const accounts = await listAccounts(visit.app.db, [...new Set(ids)])
  const accountOf = new Map(accounts.map((account) => [account.id, account]))
  return renderPage(c, {
    title: words.listTitle,
    children: (
      <>
        <SettingHead title={words.listTitle} visit={visit} />
        <nav class="tabs" aria-label={words.listTitle}>
          <a href={path} aria-current={isOpen ? 'page' : undefined}>
            {words.open}
          </a>
          <a href={`${path}?resolved`} aria-current={isOpen ? undefined : 'page'}>
            {words.resolved}
          </a>
        </nav>
        {reports.length === 0 && <p class="empty">{words.none}</p>}
        <ul class="reports">
          {reports.map((report) => (
            <li>
              <ReportLine report={report} accountOf={accountOf} visit={visit} />
            </li>
          ))}
        </ul>
        <Paging visit={visit} cursors={reports.map(({ id }) => id)} />
      </>
    ),
  })
}

type LineProps = { report: Report; accountOf: ReadonlyMap<string, Account>; visit: Visit }

const ReportLine = ({ report, accountOf, visit }: LineProps) => {
  const { reports: words } = visit.words
  const [target, reporter] = [accountOf.get(report.target_id), accountOf.get(report.account_id)]
  return (
    <>
      <a href={`${path}/${report.id}`}>
        <strong>
          <bdi>{target && words.about(displayName(target))}</bdi>
        </strong>
        {' · '}
        {words.categories[report.category]}
      </a>
      <p class="hint">
        {reporter && <bdi>{words.from(displayName(reporter))}</bdi>} ·{' '}
        {words.noteCount(report.note_ids.length)} · <Time at={report.created_at} visit={visit} />
      </p>
    </>
  )
}

/** One report, with the notes it names. Somebody here who reports shows what they see; others show what is public. */
export async function reportDetailsPage(c: PageContext) {
  const viewer = requireModerator(c)
  const { visit } = c.var
  const { db } = visit.app
  const report = await findReport(db, idParam(c))
  if (!report) throw notFound()
  const [target, reporter] = await Promise.all([
    findAccount(db, report.target_id),
    findAccount(db, report.account_id),
  ])
  if (!target || !reporter) throw notFound()
  const seerId = reporter.domain === null ? reporter.id : viewer.account.id
  const notes = await loadNoteViews(db, report.note_ids, seerId)
  const { reports: words } = visit.words
  return renderPage(c, {
    title: words.about(displayName(target)),
    children: (
      <>
        <SettingHead
          title={words.about(displayName(target))}
          visit={visit}
          back={{ href: path, label: words.listTitle }}
        />
        <AccountLine account={target} visit={visit} />
        <Said report={report} reporter={reporter} visit={visit} />
        <section>
          <h2 class="section">{words.notes}</h2>
          {notes.length === 0 && <p class="hint">{words.noNotes}</p>}
          {notes.map((view) => (
            // What the one who reports did with it is theirs.
            <NoteCard view={{ ...view, viewer: null }} visit={visit} />
          ))}
        </section>
      </>
    ),
  })
}

const Said = ({ report, reporter, visit }: { report: Report; reporter: Account; visit: Visit }) => {
  const { reports: words } = visit.words
  return (
    <section class="said">
      <p>
        <strong>{words.categories[report.category]}</strong> ·{' '}
        <a href={profilePath(reporter)}>
          <bdi>{words.from(displayName(reporter))}</bdi>
        </a>{' '}
        · <Time at={report.created_at} visit={visit} />
      </p>
      {report.comment ? <blockquote dir="auto">{report.comment}</blockquote> : <p>{words.noComment}</p>}
      {report.is_forwarded && <p class="hint">{words.forwarded}</p>}
      {report.resolved_at ? (
        <p role="status">
          {words.resolved}: <Time at={report.resolved_at} visit={visit} isAbsolute />
        </p>
      ) : (
        <form method="post" action={`${path}/${report.id}/resolve`}>
          <Hidden visit={visit} back={path} />
          <button type="submit" class="button primary">
            {words.resolve}
          </button>
        </form>
      )}
    </section>
  )
}

export async function markResolved(c: PageContext) {
  const viewer = requireModerator(c)
  await resolveReport(c.var.visit.app, viewer.account.id, idParam(c))
  return c.redirect(path, 303)
}
