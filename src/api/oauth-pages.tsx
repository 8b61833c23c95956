import { createHash } from 'node:crypto'
import type { Context } from 'hono'
import { raw } from 'hono/html'
import type { Child } from 'hono/jsx'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { describeScope } from '#src/auth/scope-words.ts'
import { chooseLanguage, type OAuthMessages } from './oauth-messages.ts'

const style = `
:root { color-scheme: light dark; --ink: light-dark(#1c1a17, #f2efe9); --paper: light-dark(#fbfaf7, #171614);
  --line: light-dark(#dcd8cf, #3a3733); --accent: light-dark(#8a3a12, #f0a273); --quiet: light-dark(#6a655c, #a8a298) }
* { box-sizing: border-box }
body { margin: 0; min-height: 100dvh; display: grid; place-items: center; padding: 1.5rem; color: var(--ink);
  background: var(--paper); font: 1.0625rem/1.5 system-ui, sans-serif }
main { width: 100%; max-width: 26rem }
h1 { font-size: 1.75rem; line-height: 1.2; letter-spacing: -0.01em; margin: 0 0 0.75rem; overflow-wrap: anywhere }
p, ul { margin: 0 0 1.25rem; overflow-wrap: anywhere }
ul { padding-left: 1.25rem }
label { display: block; margin-bottom: 1rem }
input { display: block; width: 100%; min-height: 44px; margin-top: 0.25rem; padding: 0.5rem 0.75rem; font: inherit;
  color: inherit; background: transparent; border: 1px solid var(--line); border-radius: 0.5rem }
button { min-height: 44px; padding: 0.5rem 1.5rem; margin-right: 0.75rem; font: inherit; font-weight: 600;
  color: var(--paper); background: var(--accent); border: 1px solid var(--accent); border-radius: 0.5rem; cursor: pointer }
button.quiet { color: var(--ink); background: transparent; border-color: var(--line) }
a { color: var(--accent) }
code { font-size: 0.875em; color: var(--quiet) }
output { display: block; padding: 0.75rem; font-family: ui-monospace, monospace; border: 1px solid var(--line);
  border-radius: 0.5rem; overflow-wrap: anywhere; user-select: all }
[role=alert] { color: var(--accent); font-weight: 600 }
`

const styleHash = () => createHash('sha256').update(style).digest('base64')

type Page = {
  status?: ContentfulStatusCode
  title: string
  children: Child
  /** Where a form of this page may lead in the end: browsers hold redirects to it too. */
  formLeadsTo?: string
}

export function wordsFor(c: Context): { language: string; messages: OAuthMessages } {
  return chooseLanguage(c.req.query('lang') ?? c.req.header('accept-language'))
}

export function renderPage(c: Context, { status = 200, title, children, formLeadsTo }: Page) {
  const { language } = wordsFor(c)
  c.header(
    'content-security-policy',
    `default-src 'none'; style-src 'sha256-${styleHash()}'; base-uri 'none'; frame-ancestors 'none'; ` +
      `form-action 'self'${formLeadsTo ? ` ${cspSource(formLeadsTo)}` : ''}`,
  )
  c.header('x-frame-options', 'DENY')
  c.header('x-content-type-options', 'nosniff')
  // Not no-referrer: with it, browsers say `Origin: null` when the form is sent.
  c.header('referrer-policy', 'same-origin')
  c.header('cache-control', 'no-store')
  return c.html(
    <>
      {raw('<!doctype html>')}
      <html lang={language}>
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <meta name="robots" content="noindex" />
          <title>{title} · Pinxit</title>
          <style>{raw(style)}</style>
        </head>
        <body>
          <main>
            <h1>{title}</h1>
            {children}
          </main>
        </body>
      </html>
    </>,
    status,
  )
}

function cspSource(redirectUri: string): string {
  const { protocol, origin } = new URL(redirectUri)
  return protocol === 'https:' || protocol === 'http:' ? origin : protocol
}

type Parameters = Record<string, string>

const Hidden = ({ parameters }: { parameters: Parameters }) => (
  <>
    {Object.entries(parameters).map(([name, value]) => (
      <input type="hidden" name={name} value={value} />
    ))}
  </>
)

/** An app that asked for a language gets it on every page. */
function actionOf({ lang }: Parameters): string {
  return lang ? `/oauth/authorize?${new URLSearchParams({ lang })}` : '/oauth/authorize'
}

type SignInForm = {
  messages: OAuthMessages
  appName: string
  parameters: Parameters
  fault?: string | undefined
  login: string
}

export const SignInForm = ({ messages, appName, parameters, fault, login }: SignInForm) => (
  <form method="post" action={actionOf(parameters)}>
    <p>{messages.signInLead(appName)}</p>
    {fault && <p role="alert">{fault}</p>}
    <Hidden parameters={parameters} />
    <label>
      {messages.login}
      <input
        name="login"
        value={login}
        required
        autocomplete="username"
        autocapitalize="none"
        spellcheck={false}
      />
    </label>
    <label>
      {messages.password}
      <input name="password" type="password" required autocomplete="current-password" />
    </label>
    <button type="submit" name="step" value="sign-in">
      {messages.signIn}
    </button>
  </form>
)

type ConsentForm = {
  messages: OAuthMessages
  language: string
  appName: string
  handle: string
  scopes: string[]
  parameters: Parameters
  csrf: string
}

export const ConsentForm = ({
  messages,
  language,
  appName,
  handle,
  scopes,
  parameters,
  csrf,
}: ConsentForm) => (
  <form method="post" action={actionOf(parameters)}>
    <p>{messages.allowLead(appName, handle)}</p>
    <ul>
      {scopes.map((scope) => (
        <li>
          {describeScope(language, scope)} <code>{scope}</code>
        </li>
      ))}
    </ul>
    <Hidden parameters={{ ...parameters, csrf }} />
    <p>
      <button type="submit" name="step" value="allow">
        {messages.allow}
      </button>
      <button type="submit" name="step" value="deny" class="quiet">
        {messages.deny}
      </button>
    </p>
    <p>
      <a href={`/oauth/authorize?${new URLSearchParams({ ...parameters, force_login: 'true' })}`}>
        {messages.otherAccount}
      </a>
    </p>
  </form>
)

export const CodePage = ({ lead, code }: { lead: string; code: string }) => (
  <>
    <p>{lead}</p>
    <output>{code}</output>
  </>
)
