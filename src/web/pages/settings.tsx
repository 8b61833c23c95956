import { changeLanguage } from '#src/accounts/language.ts'
import { updateProfile } from '#src/accounts/profile.ts'
import { AppError, isAppError } from '#src/base/errors.ts'
import type { Role } from '#src/db/tables.ts'
import { UPLOAD_MAX_BYTES } from '#src/media/picture.ts'
import { Avatar } from '../components/Avatar.tsx'
import { Fault } from '../components/Fault.tsx'
import { Hidden } from '../components/Hidden.tsx'
import { Icon, type IconName } from '../components/Icon.tsx'
import { SettingHead } from '../components/SettingHead.tsx'
import { fileOf, textOf } from '../forms.ts'
import type { Messages } from '../i18n/en.ts'
import { isLanguage, languages, messagesOf } from '../i18n/language.ts'
import { renderPage } from '../layout.tsx'
import { type PageContext, requireViewer, type Viewer, type Visit } from '../session.ts'

/** The way to every setting; the language is short enough to stand here. */
export function settingsPage(c: PageContext) {
  const viewer = requireViewer(c)
  const { visit } = c.var
  const { settings, nav } = visit.words
  return renderPage(c, {
    title: settings.title,
    children: (
      <>
        <header class="page-head">
          <h1>{settings.title}</h1>
        </header>
        {c.req.query('saved') !== undefined && <Saved text={settings.saved} />}
        <Places places={ownPlaces(visit.words)} />
        <LanguageForm visit={visit} viewer={viewer} />
        <ServerPlaces visit={visit} role={viewer.role} />
        <p class="choices">
          <a class="button quiet" href="/about">
            {nav.about}
          </a>
          <a class="button quiet" href="/sign-out">
            {nav.signOut}
          </a>
        </p>
      </>
    ),
  })
}

type Place = { href: string; icon: IconName; title: string; lead: string }

const Places = ({ places }: { places: Place[] }) => (
  <div class="settings">
    {places.map(({ href, icon, title, lead }) => (
      <a class="setting" href={href}>
        <Icon name={icon} />
        <span>
          <strong>{title}</strong>
          <span class="hint">{lead}</span>
        </span>
      </a>
    ))}
  </div>
)

function ownPlaces({ settings, identity, bluesky, refusals, filters, account, apps }: Messages): Place[] {
  return [
    { href: '/settings/profile', icon: 'person', title: settings.profile, lead: settings.profileLead },
    { href: '/settings/details', icon: 'link', ...identity.details },
    { href: '/settings/blocks', icon: 'block', ...refusals },
    { href: '/settings/filters', icon: 'filter', ...filters },
    { href: '/settings/account', icon: 'key', title: account.title, lead: account.lead },
    { href: '/settings/apps', icon: 'check', title: apps.title, lead: apps.lead },
    { href: '/settings/bluesky', icon: 'cloud', ...bluesky },
    { href: '/settings/move', icon: 'move', ...identity.move },
  ]
}

/** For those who look after this server. */
const ServerPlaces = ({ visit, role }: { visit: Visit; role: Role }) => {
  const {
    settings,
    reports,
    signUp,
    announcements,
    emojis,
    serverSettings,
    serverWords,
    retention,
    deliveries,
  } = visit.words
  if (role === 'user') return null
  const moderated: Place[] = [
    { href: '/admin/reports', icon: 'flag', title: reports.listTitle, lead: reports.listLead },
    { href: '/admin/sign-ups', icon: 'people', title: signUp.pendingTitle, lead: signUp.pendingLead },
    { href: '/admin/invites', icon: 'person', title: signUp.invitesTitle, lead: signUp.invitesLead },
  ]
  const administered: Place[] = [
    { href: '/admin/words', icon: 'info', ...serverWords },
    { href: '/admin/announcements', icon: 'bell', ...announcements },
    { href: '/admin/emojis', icon: 'smile', ...emojis },
    { href: '/admin/federation', icon: 'globe', ...serverSettings },
    { href: '/admin/retention', icon: 'clock', ...retention },
    { href: '/admin/deliveries', icon: 'send', ...deliveries },
  ]
  return (
    <section aria-labelledby="server-title">
      <h2 id="server-title" class="section">
        {settings.server}
      </h2>
      <Places places={role === 'moderator' ? moderated : [...moderated, ...administered]} />
    </section>
  )
}

const LanguageForm = ({ visit, viewer }: { visit: Visit; viewer: Viewer }) => {
  const { settings } = visit.words
  return (
    <form class="setting-form" method="post" action="/settings/language">
      <Hidden visit={visit} />
      <div class="field">
        <label for="language">{settings.language}</label>
        <select id="language" name="language" aria-describedby="language-hint">
          <option value="">{settings.browserLanguage}</option>
          {languages.map((language) => (
            <option value={language} lang={language} selected={viewer.locale === language}>
              {messagesOf[language].languageName}
            </option>
          ))}
        </select>
        <p class="hint" id="language-hint">
          {settings.languageLead}
        </p>
      </div>
      <button type="submit" class="button">
        {settings.save}
      </button>
    </form>
  )
}

export async function saveLanguage(c: PageContext) {
  const viewer = requireViewer(c)
  const language = c.var.form.get('language')
  await changeLanguage(c.var.visit.app, viewer.userId, isLanguage(language) ? language : null)
  return c.redirect('/settings?saved', 303)
}

type Filled = { name: string; bio: string; fault?: string }

export function profileSettingsPage(c: PageContext) {
  const { account } = requireViewer(c)
  return showProfileForm(c, { name: account.name, bio: account.bio_text ?? '' })
}

export async function saveProfile(c: PageContext) {
  const { visit, form } = c.var
  const { account } = requireViewer(c)
  const [name, bio] = [textOf(form, 'name'), textOf(form, 'bio')]
  try {
    const file = fileOf(form, 'avatar')
    if (file && file.size > UPLOAD_MAX_BYTES) throw new AppError('invalid', 'The file is too large')
    const avatar = file && new Uint8Array(await file.arrayBuffer())
    await updateProfile(visit.app, account.id, { name, bio, avatar })
  } catch (error) {
    if (!isAppError(error) || error.kind !== 'invalid') throw error
    return showProfileForm(c, { name, bio, fault: faultOf(visit, error) })
  }
  return c.redirect('/settings/profile?saved', 303)
}

function faultOf({ words }: Visit, error: AppError): string {
  if (error.code === 'name_too_long') return words.accounts.nameLong
  return error.code === 'bio_too_long' ? words.accounts.bioLong : words.compose.uploadFailed
}

function showProfileForm(c: PageContext, { name, bio, fault }: Filled) {
  const { visit } = c.var
  const { account } = requireViewer(c)
  const { settings } = visit.words
  return renderPage(c, {
    title: settings.profile,
    status: fault ? 422 : 200,
    children: (
      <>
        <SettingHead
          title={settings.profile}
          visit={visit}
          isSaved={c.req.query('saved') !== undefined && !fault}
        />
        <form class="setting-form" method="post" action="/settings/profile" enctype="multipart/form-data">
          <Fault text={fault} />
          <Hidden visit={visit} />
          <div class="field">
            <label for="name">{settings.name}</label>
            <input id="name" name="name" value={name} maxlength={30} dir="auto" autocomplete="name" />
          </div>
          <div class="field">
            <label for="bio">{settings.bio}</label>
            <textarea id="bio" name="bio" rows={5} maxlength={500} dir="auto" aria-describedby="bio-hint">
              {bio}
            </textarea>
            <p class="hint" id="bio-hint">
              {settings.bioHint}
            </p>
          </div>
          <div class="field">
            <label for="avatar">{settings.picture}</label>
            <div class="avatar-line">
              <Avatar account={account} visit={visit} size={72} />
              <input
                id="avatar"
                name="avatar"
                type="file"
                accept="image/jpeg,image/png,image/webp,image/gif,image/avif"
                aria-describedby="avatar-hint"
              />
            </div>
            <p class="hint" id="avatar-hint">
              {settings.pictureHint}
            </p>
          </div>
          <button type="submit" class="button primary">
            {settings.save}
          </button>
        </form>
      </>
    ),
  })
}

const Saved = ({ text }: { text: string }) => (
  <p class="notice" role="status">
    {text}
  </p>
)
