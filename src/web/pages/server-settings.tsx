import { changeSetting, readSetting, type SettingName, settingNames } from '#src/policies/settings.ts'
import { Hidden } from '../components/Hidden.tsx'
import { SettingHead } from '../components/SettingHead.tsx'
import { renderPage } from '../layout.tsx'
import { type PageContext, requireAdmin, type Visit } from '../session.ts'

const path = '/admin/federation'

/** What is switched on and off towards other servers, for those who run this one. */
export async function serverSettingsPage(c: PageContext) {
  requireAdmin(c)
  const { visit } = c.var
  const words = visit.words.serverSettings
  const switches = await Promise.all(
    settingNames.map(async (name) => ({ name, isOn: await readSetting(visit.app.db, name) })),
  )
  return renderPage(c, {
    title: words.title,
    children: (
      <>
        <SettingHead title={words.title} visit={visit} isSaved={c.req.query('saved') !== undefined} />
        <form class="setting-form" method="post" action={path}>
          <Hidden visit={visit} back={path} />
          {switches.map(({ name, isOn }) => (
            <Switch name={name} isOn={isOn} visit={visit} />
          ))}
          <button type="submit" class="button primary">
            {visit.words.settings.save}
          </button>
        </form>
      </>
    ),
  })
}

const Switch = ({ name, isOn, visit }: { name: SettingName; isOn: boolean; visit: Visit }) => {
  const { label, hint } = visit.words.serverSettings.fields[name]
  return (
    <div class="field">
      <label class="check">
        <input type="checkbox" name={name} value="on" checked={isOn} aria-describedby={`${name}-hint`} />
        <span>{label}</span>
      </label>
      <p class="hint" id={`${name}-hint`}>
        {hint}
      </p>
    </div>
  )
}

export async function saveServerSettings(c: PageContext) {
  const { account } = requireAdmin(c)
  const { visit, form } = c.var
  for (const name of settingNames) {
    const value = form.get(name) === 'on'
    if (value !== (await readSetting(visit.app.db, name)))
      await changeSetting(visit.app, account.id, { name, value })
  }
  return c.redirect(`${path}?saved`, 303)
}
