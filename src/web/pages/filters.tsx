import { aiDisplays, changeAiDisplay } from '#src/accounts/ai-display.ts'
import { type AppError, isAppError } from '#src/base/errors.ts'
import { listFilters, type WholeFilter } from '#src/db/filters.ts'
import { changeFilter, createFilter, getFilter, removeFilter } from '#src/notes/filters.ts'
import { FilterForm } from '../components/FilterForm.tsx'
import { Hidden } from '../components/Hidden.tsx'
import { SettingHead } from '../components/SettingHead.tsx'
import { Time } from '../components/Time.tsx'
import { type FilledFilter, filledFrom, newFilter, readFilled, toFilterForm } from '../filter-form.ts'
import { choiceOf } from '../forms.ts'
import { renderPage } from '../layout.tsx'
import { idParam, type PageContext, requireViewer, type Viewer, type Visit } from '../session.ts'

const path = '/settings/filters'

/** What someone does not want to meet, and what becomes of AI pictures for them. */
export async function filtersPage(c: PageContext) {
  const viewer = requireViewer(c)
  const { visit } = c.var
  const { filters: words } = visit.words
  const filters = await listFilters(visit.app.db, viewer.account.id)
  return renderPage(c, {
    title: words.title,
    children: (
      <>
        <SettingHead title={words.title} visit={visit} isSaved={c.req.query('saved') !== undefined} />
        <p class="hint">{words.explain}</p>
        <AiForm visit={visit} viewer={viewer} />
        <section aria-label={words.title}>
          {filters.length === 0 && <p class="hint">{words.none}</p>}
          {filters.map((filter) => (
            <FilterLine filter={filter} visit={visit} />
          ))}
        </section>
        <p class="choices">
          <a class="button" href={`${path}/new`}>
            {words.add}
          </a>
        </p>
      </>
    ),
  })
}

const AiForm = ({ visit, viewer }: { visit: Visit; viewer: Viewer }) => {
  const { filters: words, settings } = visit.words
  return (
    <form class="setting-form" method="post" action={`${path}/ai`}>
      <Hidden visit={visit} />
      <div class="field">
        <label for="ai-display">{words.aiDisplay}</label>
        <select id="ai-display" name="ai_display" aria-describedby="ai-display-hint">
          {aiDisplays.map((display) => (
            <option value={display} selected={viewer.aiDisplay === display}>
              {words.aiDisplays[display]}
            </option>
          ))}
        </select>
        <p class="hint" id="ai-display-hint">
          {words.aiHint}
        </p>
      </div>
      <button type="submit" class="button">
        {settings.save}
      </button>
    </form>
  )
}

const FilterLine = ({ filter, visit }: { filter: WholeFilter; visit: Visit }) => {
  const { filters: words } = visit.words
  const { expires_at: end } = filter
  return (
    <a class="setting" href={`${path}/${filter.id}`}>
      <span>
        <strong>
          <bdi>{filter.title}</bdi>
        </strong>
        <span class="hint">
          {words.actions[filter.action]}
          {end && ' · '}
          {end && (end > visit.app.clock.now() ? words.until : words.ended)}{' '}
          {end && <Time at={end} visit={visit} isAbsolute />}
        </span>
        <span class="hint">
          <bdi>{filter.keywords.map(({ keyword }) => keyword).join(', ')}</bdi>
        </span>
      </span>
    </a>
  )
}

export async function saveAiDisplay(c: PageContext) {
  const viewer = requireViewer(c)
  await changeAiDisplay(c.var.visit.app, viewer.userId, choiceOf(c.var.form, 'ai_display', aiDisplays))
  return c.redirect(`${path}?saved`, 303)
}

export function newFilterPage(c: PageContext) {
  requireViewer(c)
  return showForm(c, newFilter)
}

export async function addFilter(c: PageContext) {
  const { account } = requireViewer(c)
  const filled = readFilled(c.var.form)
  return keep(c, filled, () => createFilter(c.var.visit.app, account.id, toFilterForm(filled)))
}

export async function filterPage(c: PageContext) {
  const { account } = requireViewer(c)
  const filter = await getFilter(c.var.visit.app.db, account.id, idParam(c))
  return showForm(c, filledFrom(filter), { id: filter.id })
}

export async function saveFilter(c: PageContext) {
  const { account } = requireViewer(c)
  const id = idParam(c)
  const filled = readFilled(c.var.form)
  const change = () => changeFilter(c.var.visit.app, account.id, id, toFilterForm(filled))
  return keep(c, filled, change, id)
}

export async function takeAwayFilter(c: PageContext) {
  await removeFilter(c.var.visit.app, requireViewer(c).account.id, idParam(c))
  return c.redirect(`${path}?saved`, 303)
}

/** Back to the list, or to the form with all that was typed and what is wrong with it. */
async function keep(c: PageContext, filled: FilledFilter, change: () => Promise<unknown>, id?: string) {
  try {
    await change()
  } catch (error) {
    if (!isAppError(error) || error.kind !== 'invalid') throw error
    return showForm(c, filled, { id, fault: faultOf(c.var.visit, error) })
  }
  return c.redirect(`${path}?saved`, 303)
}

function faultOf({ words }: Visit, { code }: AppError): string {
  return code === 'limit' ? words.filters.tooMany : words.filters.invalid
}

type Shown = { id?: string | undefined; fault?: string }

function showForm(c: PageContext, filled: FilledFilter, { id, fault }: Shown = {}) {
  const { visit } = c.var
  const { filters: words } = visit.words
  const title = id === undefined ? words.add : words.change
  const back = { href: path, label: words.title }
  return renderPage(c, {
    title,
    status: fault === undefined ? 200 : 422,
    children: (
      <>
        <SettingHead title={title} visit={visit} back={back} />
        <FilterForm
          filled={filled}
          visit={visit}
          action={id === undefined ? path : `${path}/${id}`}
          isNew={id === undefined}
          fault={fault}
        />
        {id !== undefined && (
          <form class="setting-form" method="post" action={`${path}/${id}/delete`}>
            <Hidden visit={visit} />
            <button type="submit" class="button quiet">
              {words.remove}
            </button>
          </form>
        )}
      </>
    ),
  })
}
