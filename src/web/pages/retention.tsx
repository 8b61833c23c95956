import { isAppError } from '#src/base/errors.ts'
import { sumRemoteFiles } from '#src/db/remote-files.ts'
import {
  changeRetention,
  type RetentionName,
  readRetention,
  retentionNames,
  retentionRange,
} from '#src/policies/retention.ts'
import { Fault } from '../components/Fault.tsx'
import { Hidden } from '../components/Hidden.tsx'
import { SettingHead } from '../components/SettingHead.tsx'
import { textOf } from '../forms.ts'
import { renderPage } from '../layout.tsx'
import { type PageContext, requireAdmin, type Visit } from '../session.ts'

const path = '/admin/retention'

type Filled = Record<RetentionName, string>

/** How long what others sent is kept, for those who run this server. */
export async function retentionPage(c: PageContext) {
  requireAdmin(c)
  const kept = await readRetention(c.var.visit.app.db)
  return showRetention(
    c,
    filledFrom((name) => String(kept[name])),
  )
}

export async function saveRetention(c: PageContext) {
  const { account } = requireAdmin(c)
  const { visit, form } = c.var
  const filled = filledFrom((name) => textOf(form, name).trim())
  const numbers = retentionNames.map((name) => {
    return [name, /^\d{1,9}$/.test(filled[name]) ? Number(filled[name]) : Number.NaN]
  })
  try {
    await changeRetention(visit.app, account.id, Object.fromEntries(numbers))
  } catch (error) {
    if (!isAppError(error) || error.kind !== 'invalid') throw error
    return showRetention(c, filled, error.code)
  }
  return c.redirect(`${path}?saved`, 303)
}

function filledFrom(read: (name: RetentionName) => string): Filled {
  return {
    remoteNotesDays: read('remoteNotesDays'),
    followedNotesDays: read('followedNotesDays'),
    notificationsDays: read('notificationsDays'),
    accountsDays: read('accountsDays'),
    cardsDays: read('cardsDays'),
    deadJobsDays: read('deadJobsDays'),
    remoteMediaMb: read('remoteMediaMb'),
  }
}

async function showRetention(c: PageContext, filled: Filled, wrong?: string) {
  const { visit } = c.var
  const words = visit.words.retention
  const usedMb = Math.ceil((await sumRemoteFiles(visit.app.db)) / 1_000_000)
  const inNumbers = new Intl.NumberFormat(visit.language)
  const most = inNumbers.format((await readRetention(visit.app.db)).remoteMediaMb)
  return renderPage(c, {
    title: words.title,
    status: wrong === undefined ? 200 : 422,
    children: (
      <>
        <SettingHead
          title={words.title}
          visit={visit}
          isSaved={c.req.query('saved') !== undefined && wrong === undefined}
        />
        <form class="setting-form" method="post" action={path}>
          <p class="hint">
            {words.explain} {words.forever}
          </p>
          <Hidden visit={visit} back={path} />
          {retentionNames.map((name) => (
            <Field name={name} value={filled[name]} isWrong={wrong === name} visit={visit} />
          ))}
          <p class="hint">{words.used(inNumbers.format(usedMb), most)}</p>
          <button type="submit" class="button primary">
            {visit.words.settings.save}
          </button>
        </form>
      </>
    ),
  })
}

type FieldProps = { name: RetentionName; value: string; isWrong: boolean; visit: Visit }

const Field = ({ name, value, isWrong, visit }: FieldProps) => {
  const words = visit.words.retention
  const { label, hint } = words.fields[name]
  const { least, most } = retentionRange(name)
  const inNumbers = new Intl.NumberFormat(visit.language)
  return (
    <div class="field">
      <label for={name}>
        {label} ({name === 'remoteMediaMb' ? words.megabytes : words.days})
      </label>
      <input
        id={name}
        name={name}
        type="number"
        inputmode="numeric"
        min={least}
        max={most}
        step={1}
        required
        value={value}
        aria-describedby={`${name}-hint`}
        aria-invalid={isWrong ? 'true' : undefined}
      />
      <Fault text={isWrong ? words.wrong(inNumbers.format(least), inNumbers.format(most)) : undefined} />
      <p class="hint" id={`${name}-hint`}>
        {hint}
      </p>
    </div>
  )
}
