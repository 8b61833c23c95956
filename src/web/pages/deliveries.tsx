import { countDeadJobs, type DeadJob, listDeadJobs } from '#src/db/dead-jobs.ts'
import { countWaitingJobs } from '#src/db/jobs.ts'
import { listTroubledHosts, type TroubledHost } from '#src/db/troubled-hosts.ts'
import { settleDeadJobs } from '#src/jobs/dead.ts'
import { Hidden } from '../components/Hidden.tsx'
import { SettingHead } from '../components/SettingHead.tsx'
import { Time } from '../components/Time.tsx'
import { renderPage } from '../layout.tsx'
import { isId, type PageContext, requireAdmin, type Visit } from '../session.ts'

const path = '/admin/deliveries'
const pageLength = 40
const mostHosts = 50

/** What waits for other servers, and what no longer does, for those who run this one. */
export async function deliveriesPage(c: PageContext) {
  requireAdmin(c)
  const { visit } = c.var
  const { db, clock } = visit.app
  const before = c.req.query('before')
  const [hosts, dead, total, waiting] = await Promise.all([
    listTroubledHosts(db, mostHosts),
    listDeadJobs(db, { before: isId(before) ? before : undefined, limit: pageLength }),
    countDeadJobs(db),
    countWaitingJobs(db, clock.now(), 'deliver'),
  ])
  const words = visit.words.deliveries
  const last = dead.at(-1)
  return renderPage(c, {
    title: words.title,
    isWide: true,
    children: (
      <>
        <SettingHead title={words.title} visit={visit}>
          <p class="lead">{words.waiting(waiting.queued)}</p>
        </SettingHead>
        <Hosts hosts={hosts} visit={visit} />
        <section aria-labelledby="dead">
          <h2 id="dead" class="section">
            {words.dead}
          </h2>
          <p class="hint">{total === 0 ? words.noDead : words.deadHint}</p>
          {total > 0 && <Buttons visit={visit} total={total} />}
          {dead.length > 0 && <Dead dead={dead} visit={visit} />}
          {last && dead.length === pageLength && (
            <a class="button quiet" href={`${path}?before=${last.id}`}>
              {visit.words.feed.older}
            </a>
          )}
        </section>
      </>
    ),
  })
}

const Hosts = ({ hosts, visit }: { hosts: TroubledHost[]; visit: Visit }) => {
  const words = visit.words.deliveries
  return (
    <section aria-labelledby="hosts">
      <h2 id="hosts" class="section">
        {words.hosts}
      </h2>
      {hosts.length === 0 ? (
        <p class="hint">{words.noHosts}</p>
      ) : (
        <div class="table-frame">
          <table>
            <thead>
              <tr>
                <th scope="col">{words.host}</th>
                <th scope="col">{words.count}</th>
                <th scope="col">{words.tries}</th>
                <th scope="col">{words.next}</th>
                <th scope="col">{words.error}</th>
              </tr>
            </thead>
            <tbody>
              {hosts.map(({ host, waiting, attempts, nextAt, error }) => (
                <tr>
                  <th scope="row">{host}</th>
                  <td data-label={words.count}>{waiting}</td>
                  <td data-label={words.tries}>{attempts}</td>
                  <td data-label={words.next}>
                    <Time at={nextAt} visit={visit} isAbsolute />
                  </td>
                  <td class="error" data-label={words.error}>
                    <span lang="en">{firstLine(error ?? '')}</span>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  )
}

const Dead = ({ dead, visit }: { dead: DeadJob[]; visit: Visit }) => {
  const words = visit.words.deliveries
  return (
    <div class="table-frame">
      <table>
        <thead>
          <tr>
            <th scope="col">{words.what}</th>
            <th scope="col">{words.died}</th>
            <th scope="col">{words.tries}</th>
            <th scope="col">{words.error}</th>
            <th scope="col">
              <span class="sr-only">{words.replay}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {dead.map((job) => (
            <tr>
              <th scope="row">{whatOf(job)}</th>
              <td data-label={words.died}>
                <Time at={job.diedAt} visit={visit} isAbsolute />
              </td>
              <td data-label={words.tries}>{job.attempts}</td>
              <td class="error" data-label={words.error}>
                <span lang="en">{firstLine(job.error)}</span>
              </td>
              <td>
                <Buttons visit={visit} job={job} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

type ButtonsProps = { visit: Visit; job?: DeadJob; total?: number }

/** For one, or for all there are. */
const Buttons = ({ visit, job, total = 1 }: ButtonsProps) => {
  const words = visit.words.deliveries
  const what = job ? whatOf(job) : words.all
  return (
    <form class="choices" method="post" action={path}>
      <Hidden visit={visit} />
      {job && <input type="hidden" name="id" value={job.id} />}
      <button type="submit" name="verb" value="replay" class="button small">
        {job ? words.replay : words.replayAll(total)}
        <span class="sr-only">: {what}</span>
      </button>
      <button type="submit" name="verb" value="drop" class="button small danger">
        {job ? words.drop : words.dropAll(total)}
        <span class="sr-only">: {what}</span>
      </button>
    </form>
  )
}

export async function settleDeliveries(c: PageContext) {
  const { account } = requireAdmin(c)
  const { form, visit } = c.var
  const verb = form.get('verb') === 'replay' ? 'replay' : form.get('verb') === 'drop' ? 'drop' : undefined
  const id = form.get('id')
  // A form that names what can be no job means none, and not all of them.
  if (verb && (id === null || isId(id))) {
    await settleDeadJobs(visit.app.db, account.id, verb, id === null ? {} : { ids: [id] })
  }
  return c.redirect(path, 303)
}

/** Such as `deliver Create to a.example`. */
function whatOf({ name, payload }: DeadJob): string {
  if (typeof payload !== 'object' || payload === null) return name
  const inbox =
    'inbox' in payload && typeof payload.inbox === 'string' ? URL.parse(payload.inbox)?.host : undefined
  const type =
    'activityType' in payload && typeof payload.activityType === 'string' ? payload.activityType : ''
  return [name, type.replace(/^.*#/, ''), inbox && `→ ${inbox}`].filter((part) => part).join(' ')
}

function firstLine(text: string): string {
  return (text.split('\n')[0] ?? '').slice(0, 200)
}
