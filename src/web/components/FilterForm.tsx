import { filterContexts } from '#src/notes/filtered.ts'
import { filterActions, filterLimits } from '#src/notes/filters.ts'
import { type FilledFilter, filterDurations } from '../filter-form.ts'
import type { Visit } from '../session.ts'
import { Fault } from './Fault.tsx'
import { Hidden } from './Hidden.tsx'

type Props = {
  filled: FilledFilter
  visit: Visit
  action: string
  /** Then it has no end yet that could stay as it is. */
  isNew: boolean
  fault: string | undefined
}

/** All of a filter, with room for some more keywords. */
export const FilterForm = ({ filled, visit, action, isNew, fault }: Props) => {
  const { filters: words, settings } = visit.words
  return (
    <form class="setting-form" method="post" action={action}>
      <Hidden visit={visit} />
      <Fault text={fault} />
      <div class="field">
        <label for="title">{words.name}</label>
        <input
          id="title"
          name="title"
          value={filled.title}
          maxlength={filterLimits.title}
          required
          dir="auto"
          aria-describedby="title-hint"
        />
        <p class="hint" id="title-hint">
          {words.nameHint}
        </p>
      </div>
      <Keywords filled={filled} visit={visit} />
      <div class="field">
        <label for="action">{words.action}</label>
        <select id="action" name="action">
          {filterActions.map((one) => (
            <option value={one} selected={filled.action === one}>
              {words.actions[one]}
            </option>
          ))}
        </select>
      </div>
      <fieldset class="field">
        <legend>{words.contexts}</legend>
        {filterContexts.map((context) => (
          <label class="check">
            <input
              type="checkbox"
              name="context"
              value={context}
              checked={filled.contexts.includes(context)}
            />
            <span>{words.contextNames[context]}</span>
          </label>
        ))}
      </fieldset>
      <Duration filled={filled} visit={visit} isNew={isNew} />
      <button type="submit" class="button primary">
        {settings.save}
      </button>
    </form>
  )
}

const Keywords = ({ filled, visit }: Pick<Props, 'filled' | 'visit'>) => {
  const { filters: words } = visit.words
  return (
    <fieldset class="field" aria-describedby="keywords-hint">
      <legend>{words.keywords}</legend>
      {filled.keywords.map(({ id, keyword, isWholeWord }, place) => (
        <div class="filter-keyword">
          {id && <input type="hidden" name={`id-${place}`} value={id} />}
          <input
            name={`keyword-${place}`}
            value={keyword}
            maxlength={filterLimits.keyword}
            dir="auto"
            autocapitalize="none"
            aria-label={words.keyword(place + 1)}
          />
          <label class="check">
            <input
              type="checkbox"
              name={`whole-${place}`}
              value="1"
              checked={isWholeWord}
              aria-label={words.wholeWord(place + 1)}
            />
            <span aria-hidden="true">{words.wholeWords}</span>
          </label>
        </div>
      ))}
      <p class="hint" id="keywords-hint">
        {words.keywordsHint}
      </p>
    </fieldset>
  )
}

const Duration = ({ filled, visit, isNew }: Pick<Props, 'filled' | 'visit' | 'isNew'>) => {
  const { filters: words } = visit.words
  return (
    <div class="field">
      <label for="duration">{words.duration}</label>
      <select id="duration" name="duration">
        {filterDurations
          .filter((duration) => !isNew || duration !== 'keep')
          .map((duration) => (
            <option value={duration} selected={filled.duration === duration}>
              {words.durations[duration]}
            </option>
          ))}
      </select>
    </div>
  )
}
