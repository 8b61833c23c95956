import { existsSync } from 'node:fs'
import sparticuz from '@sparticuz/chromium'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'

/**
 * A real Chromium: on Linux x64 the one inside `@sparticuz/chromium`, elsewhere one that is installed.
 * Talks to loopback alone.
 */
export async function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: await executablePath(),
    headless: true,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
}

const installed = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
]

async function executablePath(): Promise<string> {
  if (process.platform === 'linux' && process.arch === 'x64') return sparticuz.executablePath()
  const found = installed.find((path) => existsSync(path))
  if (!found) throw new Error(`The browser tests need Chrome or Chromium in one of: ${installed.join(', ')}`)
  return found
}

export type OpenedPage = {
  page: Page
  context: BrowserContext
  /** What the browser complained of: errors of scripts, refused resources, the content policy's refusals. */
  complaints: string[]
}

type Look = {
  baseURL: string
  width?: number
  colorScheme?: 'light' | 'dark'
  hasJavaScript?: boolean
  locale?: string
}

/** A page in a browser profile of its own. */
export async function openPage(
  browser: Browser,
  { baseURL, width = 1280, colorScheme = 'light', hasJavaScript = true, locale = 'en' }: Look,
): Promise<OpenedPage> {
  const context = await browser.newContext({
    baseURL,
    colorScheme,
    locale,
    javaScriptEnabled: hasJavaScript,
    viewport: { width, height: width < 600 ? 800 : 900 },
  })
  context.setDefaultTimeout(15_000)
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(error.message))
  return { page, context, complaints }
}

/** As a person does it. */
export async function signIn(page: Page, person: { handle: string; password: string }): Promise<void> {
  await page.goto('/sign-in')
  await page.getByLabel('Name or e-mail').fill(person.handle.split('@')[0] ?? '')
  await page.getByLabel('Password').fill(person.password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.waitForURL((url) => url.pathname !== '/sign-in')
}
