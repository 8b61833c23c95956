import { type Alias, addAlias, listAliases, removeAlias } from '#src/accounts/aliases.ts'
import { AppError, isAppError } from '#src/base/errors.ts'
import { type Account, findAccount } from '#src/db/accounts.ts'
import { cancelMove, moveAway } from '#src/relationships/move.ts'
import { Fault } from '../components/Fault.tsx'
import { Hidden } from '../components/Hidden.tsx'
import { handleOf, profilePath } from '../components/Names.tsx'
import { SettingHead } from '../components/SettingHead.tsx'
import { textOf } from '../forms.ts'
import type { IdentityWords } from '../i18n/identity.ts'
import { renderPage } from '../layout.tsx'
import { addressOf, type PageContext, requireViewer, type Visit } from '../session.ts'

type Wrong = { where: 'alias' | 'move'; text: string; handle: string }

/** Moving here from another account, and away to one. */
export const movePage = (c: PageContext) => showMove(c)

async function showMove(c: PageContext, wrong?: Wrong) {
  const { visit } = c.var
  const { account } = requireViewer(c)
  const { db } = visit.app
  const [aliases, successor] = await Promise.all([
    listAliases(visit.app, account),
    account.moved_to_id === null ? undefined : findAccount(db, account.moved_to_id),
  ])
  const { move } = visit.words.identity
  return renderPage(c, {
    title: move.title,
    status: wrong ? 422 : 200,
    children: (
      <>
        <SettingHead
          title={move.title}
          visit={visit}
          isSaved={c.req.query('saved') !== undefined && !wrong}
        />
        <Aliases aliases={aliases} visit={visit} wrong={wrong?.where === 'alias' ? wrong : undefined} />
        {account.moved_to_uri === null ? (
          <MoveForm visit={visit} wrong={wrong?.where === 'move' ? wrong : undefined} />
        ) : (
          <CancelForm movedTo={account.moved_to_uri} successor={successor} visit={visit} />
        )}
      </>
    ),
  })
}

type AliasesProps = { aliases: Alias[]; visit: Visit; wrong: Wrong | undefined }

const Aliases = ({ aliases, visit, wrong }: AliasesProps) => {
  const { move } = visit.words.identity
  return (
    <section class="setting-form" aria-labelledby="here-title">
      <h2 id="here-title">{move.hereTitle}</h2>
      <p class="hint">{move.hereLead}</p>
      {aliases.map(({ uri, account }) => (
        <form class="inline-form" method="post" action="/settings/move/aliases/remove">
          <Hidden visit={visit} />
          <input type="hidden" name="uri" value={uri} />
          <bdi>{nameOf(uri, account)}</bdi>
          <button type="submit" class="button small" aria-label={move.remove(nameOf(uri, account))}>
            {visit.words.settings.remove}
          </button>
        </form>
      ))}
      <form method="post" action="/settings/move/aliases">
        <Hidden visit={visit} />
        <Fault text={wrong?.text} />
        <HandleField id="alias" label={move.oldAccount} hint={move.handleHint} value={wrong?.handle} />
        <button type="submit" class="button">
          {move.add}
        </button>
      </form>
    </section>
  )
}

const nameOf = (uri: string, account: Account | undefined): string => (account ? handleOf(account) : uri)

type HandleProps = { id: string; label: string; hint: string; value: string | undefined }

const HandleField = ({ id, label, hint, value }: HandleProps) => (
  <div class="field">
    <label for={id}>{label}</label>
    <input
      id={id}
      name="handle"
      value={value}
      required
      autocapitalize="none"
      spellcheck={false}
      aria-describedby={`${id}-hint`}
    />
    <p class="hint" id={`${id}-hint`}>
      {hint}
    </p>
  </div>
)

const MoveForm = ({ visit, wrong }: { visit: Visit; wrong: Wrong | undefined }) => {
  const { move } = visit.words.identity
  return (
    <form class="setting-form" method="post" action="/settings/move" aria-labelledby="away-title">
      <h2 id="away-title">{move.awayTitle}</h2>
      <p class="hint">{move.awayLead}</p>
      <Hidden visit={visit} />
      <Fault text={wrong?.text} />
      <HandleField id="target" label={move.newAccount} hint={move.handleHint} value={wrong?.handle} />
      <div class="field">
        <label for="password">{move.password}</label>
        <input id="password" name="password" type="password" required autocomplete="current-password" />
      </div>
      <button type="submit" class="button danger">
        {move.start}
      </button>
    </form>
  )
}

type CancelProps = { movedTo: string; successor: Account | undefined; visit: Visit }

const CancelForm = ({ movedTo, successor, visit }: CancelProps) => {
  const { move } = visit.words.identity
  return (
    <form class="setting-form" method="post" action="/settings/move/cancel">
      <Hidden visit={visit} />
      <p>
        {move.moved}{' '}
        <a href={successor ? profilePath(successor) : movedTo}>
          <bdi>{nameOf(movedTo, successor)}</bdi>
        </a>
      </p>
      <p class="hint">{move.cancelLead}</p>
      <button type="submit" class="button">
        {move.cancel}
      </button>
    </form>
  )
}

export async function saveAlias(c: PageContext) {
  const { app } = c.var.visit
  const { account } = requireViewer(c)
  try {
    const id = await app.lookup.account(textOf(c.var.form, 'handle'))
    const alias = id === undefined ? undefined : await findAccount(app.db, id)
    if (!alias) throw new AppError('invalid', 'There is no such account', { code: 'move_target' })
    await addAlias(app, account.id, alias)
  } catch (error) {
    return showFault(c, error, 'alias')
  }
  return c.redirect('/settings/move?saved', 303)
}

export async function dropAlias(c: PageContext) {
  await removeAlias(c.var.visit.app, requireViewer(c).account.id, textOf(c.var.form, 'uri'))
  return c.redirect('/settings/move?saved', 303)
}

export async function startMove(c: PageContext) {
  const { visit, form } = c.var
  const { account } = requireViewer(c)
  const wish = { handle: textOf(form, 'handle'), password: textOf(form, 'password'), address: addressOf(c) }
  try {
    await moveAway(visit.app, account.id, wish)
  } catch (error) {
    return showFault(c, error, 'move')
  }
  return c.redirect('/settings/move?saved', 303)
}

export async function endMove(c: PageContext) {
  await cancelMove(c.var.visit.app, requireViewer(c).account.id)
  return c.redirect('/settings/move?saved', 303)
}

function showFault(c: PageContext, error: unknown, where: Wrong['where']) {
  const { fault } = c.var.visit.words.identity.move
  if (!isAppError(error)) throw error
  const code = error.code === 'wrong_credentials' ? 'password' : error.code
  if (!isFaultCode(code, fault)) throw error
  return showMove(c, { where, text: fault[code], handle: textOf(c.var.form, 'handle') })
}

type Faults = IdentityWords['move']['fault']

function isFaultCode(code: string | undefined, faults: Faults): code is keyof Faults {
  return code !== undefined && Object.hasOwn(faults, code)
}
