import { isAppError } from '#src/base/errors.ts'
import { findTermsAfter, findTermsAt, listRules, type Rule } from '#src/db/server-words.ts'
import {
  changeRules,
  changeServerWords,
  dayOf,
  publishTerms,
  readServerWords,
  wordLimits,
} from '#src/policies/server-words.ts'
import { Fault } from '../components/Fault.tsx'
import { Hidden } from '../components/Hidden.tsx'
import { SettingHead } from '../components/SettingHead.tsx'
import { textOf } from '../forms.ts'
import { renderPage } from '../layout.tsx'
import { type PageContext, requireAdmin, type Visit } from '../session.ts'

const path = '/admin/words'
const spareRules = 2
const names = ['title', 'description', 'about', 'privacy'] as const
type Name = (typeof names)[number]

type Filled = {
  words: Record<Name, string>
  rules: readonly Omit<Rule, 'id'>[]
  terms: { day: string; text: string }
}

/** What this server says of itself and asks of its people, for those who run it. */
export async function serverWordsPage(c: PageContext) {
  requireAdmin(c)
  return show(c, await stored(c))
}

async function stored(c: PageContext): Promise<Filled> {
  const { db, clock } = c.var.visit.app
  const [{ title, description, about, privacy }, rules] = await Promise.all([
    readServerWords(db),
    listRules(db),
  ])
  // What is to come can still be changed, so that it is what stands there; else what holds.
  const now = clock.now()
  const terms = (await findTermsAfter(db, now)) ?? (await findTermsAt(db, now))
  return {
    words: { title, description, about: about?.text ?? '', privacy: privacy?.text ?? '' },
    rules,
    terms: { day: terms ? dayOf(terms.effective_at) : '', text: terms?.text ?? '' },
  }
}

export async function saveServerWords(c: PageContext) {
  const { account } = requireAdmin(c)
  const { app } = c.var.visit
  const filled = filledIn(c.var.form)
  const before = await stored(c)
  try {
    await changeServerWords(app, account.id, filled.words)
    await changeRules(app, account.id, filled.rules)
    const { day, text } = filled.terms
    const isOther = day !== before.terms.day || text.trim() !== before.terms.text
    if (isOther && text.trim() !== '') await publishTerms(app, account.id, filled.terms)
  } catch (error) {
    if (!isAppError(error) || error.kind !== 'invalid') throw error
    return show(c, filled, error.code)
  }
  return c.redirect(`${path}?saved`, 303)
}

function filledIn(form: FormData): Filled {
  const all = (name: string) => form.getAll(name).map((value) => (typeof value === 'string' ? value : ''))
  const hints = all('hint')
  return {
    words: {
      title: textOf(form, 'title'),
      description: textOf(form, 'description'),
      about: textOf(form, 'about'),
      privacy: textOf(form, 'privacy'),
    },
    rules: all('rule').map((text, index) => ({ text, hint: hints[index] ?? '' })),
    terms: { day: textOf(form, 'day').trim(), text: textOf(form, 'terms').replaceAll('\r\n', '\n') },
  }
}

function show(c: PageContext, { words: said, rules, terms }: Filled, wrong?: string) {
  const { visit } = c.var
  const { serverWords: words, settings } = visit.words
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
          <Hidden visit={visit} back={path} />
          {names.map((name) => (
            <Words name={name} value={said[name]} isWrong={wrong === name} visit={visit} />
          ))}
          <Rules rules={rules} isWrong={wrong === 'rules'} visit={visit} />
          <Terms terms={terms} wrong={wrong} visit={visit} />
          <button type="submit" class="button primary">
            {settings.save}
          </button>
        </form>
      </>
    ),
  })
}

type WordsProps = { name: Name; value: string; isWrong: boolean; visit: Visit }

const Words = ({ name, value, isWrong, visit }: WordsProps) => {
  const { fields, wrong } = visit.words.serverWords
  const { label, hint } = fields[name]
  const shared = { id: name, name, dir: 'auto', 'aria-describedby': `${name}-hint` } as const
  return (
    <div class="field">
      <label for={name}>{label}</label>
      {name === 'title' ? (
        <input {...shared} value={value} maxlength={wordLimits.title} />
      ) : (
        <textarea {...shared} rows={name === 'description' ? 2 : 8}>
          {value}
        </textarea>
      )}
      <Fault text={isWrong ? wrong : undefined} />
      <p class="hint" id={`${name}-hint`}>
        {hint}
      </p>
    </div>
  )
}

type RulesProps = { rules: Filled['rules']; isWrong: boolean; visit: Visit }

const Rules = ({ rules, isWrong, visit }: RulesProps) => {
  const words = visit.words.serverWords
  const spare = Array.from({ length: spareRules }, () => ({ text: '', hint: '' }))
  return (
    <fieldset class="field">
      <legend>{words.rules}</legend>
      <p class="hint">{words.rulesHint}</p>
      <Fault text={isWrong ? words.wrong : undefined} />
      <ol class="rules">
        {[...rules, ...spare].map(({ text, hint }, index) => (
          <li>
            <input
              name="rule"
              value={text}
              maxlength={wordLimits.rule}
              aria-label={words.rule(index + 1)}
              dir="auto"
            />
            <input
              name="hint"
              value={hint}
              maxlength={wordLimits.rule}
              aria-label={words.ruleHint(index + 1)}
              dir="auto"
            />
          </li>
        ))}
      </ol>
    </fieldset>
  )
}

type TermsProps = { terms: Filled['terms']; wrong: string | undefined; visit: Visit }

const Terms = ({ terms, wrong, visit }: TermsProps) => {
  const words = visit.words.serverWords
  return (
    <fieldset class="field">
      <legend>{words.terms}</legend>
      <p class="hint">{words.termsHint}</p>
      <label for="terms">{words.termsText}</label>
      <textarea id="terms" name="terms" rows={8} dir="auto">
        {terms.text}
      </textarea>
      <Fault text={wrong === 'terms' ? words.wrong : undefined} />
      <label for="day">{words.termsDay}</label>
      <input id="day" name="day" type="date" value={terms.day} />
      <Fault text={wrong === 'day' ? words.wrongDay : undefined} />
    </fieldset>
  )
}
