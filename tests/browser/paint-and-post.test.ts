import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createOwnerLink } from '#src/auth/owner-links.ts'
import { launchBrowser, type OpenedPage, openPage } from '#tests/support/browser.ts'
import { startTestServer, type TestServer } from '#tests/support/test-server.ts'

let browser: Browser
let server: TestServer

beforeAll(async () => {
  browser = await launchBrowser()
  server = await startTestServer()
})

afterAll(async () => {
  await browser?.close()
  await server?.close()
})

describe.each([
  { mode: 'with JavaScript', hasJavaScript: true, name: 'alice' },
  { mode: 'without JavaScript', hasJavaScript: false, name: 'bea' },
])('$mode', ({ hasJavaScript, name }) => {
  let opened: OpenedPage

  beforeAll(async () => {
    opened = await openPage(browser, { baseURL: server.url, hasJavaScript })
  })
  afterAll(() => opened.context.close())

  test('the owner link leads to a name, a password, and a first picture', async () => {
    const { page } = opened
    await page.goto(await createOwnerLink(server.app))
    await page.getByLabel('Name').fill(name)
    await page.getByLabel('Password').fill('a long enough password')
    await page.getByRole('button', { name: 'Begin' }).click()
    await page.waitForURL('**/compose?welcome')
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('Create')
    const cookies = await opened.context.cookies()
    expect(cookies).toEqual([expect.objectContaining({ name: 'session', httpOnly: true, sameSite: 'Lax' })])
  })

  test('a prompt becomes pictures, one of them a post that says "Sketch, not AI"', async () => {
    const { page } = opened
    const previews: string[] = []
    page.on('request', (request) => {
      if (request.resourceType() === 'image' && request.url().includes('/media/'))
        previews.push(request.url())
    })
    await page.goto('/compose')
    await page.getByLabel('Describe a picture').fill('a lighthouse at dawn')
    await page.getByLabel('Landscape').check({ force: true })
    await page.getByLabel('2', { exact: true }).check({ force: true })
    await page.getByRole('button', { name: 'Paint', exact: true }).click()
    const first = page.getByRole('button', { name: 'Use picture 1' })
    await first.waitFor({ timeout: 30_000 })
    if (hasJavaScript) {
      // Two are the pictures themselves; a slow machine leaves out all but the last preview of each.
      expect(previews.length).toBeGreaterThan(2)
      await page.keyboard.press('Escape')
      await page.locator('h1').click()
      await page.keyboard.press('2')
    } else {
      await page.getByRole('button', { name: 'Use picture 2' }).click()
    }
    const alt = page.getByLabel('Description for those who cannot see the picture')
    await alt.waitFor()
    expect(await alt.inputValue()).toBe('a lighthouse at dawn')
    expect(await page.locator('#chosen .badge').textContent()).toBe('Sketch, not AI')
    await alt.fill('A lighthouse on a cliff before sunrise')
    await page.getByLabel('Caption').fill(`First light, says ${name}`)
    await page.getByText('Who sees it, and what they may do').click()
    await page.getByLabel('The prompt').selectOption('public')
    if (hasJavaScript) await page.getByLabel('Caption').press('Control+Enter')
    else await page.getByRole('button', { name: 'Post' }).click()
    await page.waitForURL(`**/@${name}/*`)
    const note = page.locator('article.note.main')
    expect(await note.locator('.content').textContent()).toBe(`First light, says ${name}`)
    expect(await note.locator('.badge').textContent()).toBe('Sketch, not AI')
    expect(await note.getByRole('img').getAttribute('alt')).toBe('A lighthouse on a cliff before sunrise')
    await note.locator('.provenance summary').click()
    expect(await note.locator('.prompt').textContent()).toBe('a lighthouse at dawn')
    await page.goto('/')
    await page.getByText(`First light, says ${name}`).waitFor()
    expect(await page.locator('.feed .badge').first().textContent()).toBe('Sketch, not AI')
  })

  test('nothing was complained of', () => {
    expect(opened.complaints).toEqual([])
  })
})
