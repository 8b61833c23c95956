import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { launchBrowser, type OpenedPage, openPage, signIn } from '#tests/support/browser.ts'
import { type OpenAiStandIn, startOpenAiStandIn } from '#tests/support/openai-stand-in.ts'
import { startTestServer, type TestServer } from '#tests/support/test-server.ts'

let browser: Browser
let standIn: OpenAiStandIn
let server: TestServer

beforeAll(async () => {
  browser = await launchBrowser()
  standIn = await startOpenAiStandIn()
  server = await startTestServer({
    OPENAI_API_KEY: 'sk-of-the-stand-in',
    OPENAI_BASE_URL: standIn.url,
    AI_IMAGE_MODEL: 'gpt-image-of-tests',
  })
})

afterAll(async () => {
  await browser?.close()
  await server?.close()
  await standIn?.close()
})

describe.each([
  { mode: 'with JavaScript', hasJavaScript: true, name: 'alice' },
  { mode: 'without JavaScript', hasJavaScript: false, name: 'bea' },
])('$mode', ({ hasJavaScript, name }) => {
  let opened: OpenedPage

  beforeAll(async () => {
    opened = await openPage(browser, { baseURL: server.url, hasJavaScript })
    await signIn(opened.page, await server.person(name))
  })
  afterAll(() => opened.context.close())

  test('a picture streams in and is posted with the badge "AI"', async () => {
    const { page } = opened
    const seen = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    standIn.behave({
      partials: 2,
      hold: async (step) => (hasJavaScript ? seen[step - 1]?.promise : undefined),
    })
    await page.goto('/compose')
    await page.getByLabel('Describe a picture').fill('a sun over a plain')
    await page.getByRole('button', { name: 'Paint', exact: true }).click()
    await page.locator('.painting').waitFor()
    if (hasJavaScript) {
      const preview = page.getByAltText('Preview of picture 1')
      await preview.waitFor()
      const first = await preview.getAttribute('src')
      seen[0]?.resolve()
      await expect.poll(() => preview.getAttribute('src')).not.toBe(first)
      // What is typed meanwhile stays.
      await page.getByLabel('Caption').fill('A plain, and a sun')
      seen[1]?.resolve()
    }
    await page.getByRole('button', { name: 'Use picture 1' }).waitFor()
    expect(await page.locator('#chosen .badge').textContent()).toBe('AI')
    if (!hasJavaScript) await page.getByLabel('Caption').fill('A plain, and a sun')
    expect(await page.getByLabel('Caption').inputValue()).toBe('A plain, and a sun')
    await page.getByRole('button', { name: 'Post' }).click()
    const note = page.locator('article.note.main')
    await note.waitFor()
    expect(await note.locator('.badge').textContent()).toBe('AI')
    await note.locator('.provenance summary').click()
    expect(await note.locator('.panel').textContent()).toContain('gpt-image-of-tests')
    expect(await note.locator('.prompt').textContent()).toBe('The author keeps it private.')
  })

  test('a refusal is told plainly and keeps the prompt', async () => {
    const { page } = opened
    standIn.behave({ fault: 'moderation_blocked' })
    await page.goto('/compose')
    await page.getByLabel('Describe a picture').fill('something refused')
    await page.getByRole('button', { name: 'Paint', exact: true }).click()
    await page.getByText('The provider refuses to paint this.').waitFor()
    await page.getByText('It cost nothing, and your prompt is still here.').waitFor()
    expect(await page.getByLabel('Describe a picture').inputValue()).toBe('something refused')
    standIn.behave({})
    await page.getByRole('button', { name: 'Paint again' }).click()
    await page.getByRole('button', { name: 'Use picture 1' }).waitFor()
    await page.getByRole('button', { name: 'Start over' }).click()
    await page.waitForURL('**/compose')
    expect(await page.getByLabel('Describe a picture').inputValue()).toBe('')
  })

  test('a painting can be cancelled at any time', async () => {
    const { page } = opened
    standIn.behave({ fault: 'hang' })
    await page.goto('/compose')
    await page.getByLabel('Describe a picture').fill('something endless')
    await page.getByRole('button', { name: 'Paint', exact: true }).click()
    await page.getByRole('button', { name: 'Cancel' }).click()
    await page.locator('#easel').getByText('Cancelled. Your prompt is still here.').waitFor()
    await page.getByRole('button', { name: 'Start over' }).click()
    standIn.behave({})
  })

  test('nothing was complained of', () => {
    expect(opened.complaints).toEqual([])
  })
})

test('a draft survives a closed tab, words and pictures', async () => {
  const { page, context } = await openPage(browser, { baseURL: server.url })
  await signIn(page, await server.person('cleo'))
  await page.goto('/compose')
  await page.getByLabel('Describe a picture').fill('a kept picture')
  await page.getByRole('button', { name: 'Paint', exact: true }).click()
  await page.getByRole('button', { name: 'Use picture 1' }).waitFor()
  await page.getByLabel('Caption').fill('half a sentence')
  await page.close()
  const again = await context.newPage()
  await again.goto('/compose')
  await again.getByRole('button', { name: 'Use picture 1' }).waitFor()
  await expect.poll(() => again.getByLabel('Caption').inputValue()).toBe('half a sentence')
  await context.close()
})

test('where nothing paints, the page says why and takes an upload', async () => {
  const bare = await startTestServer({ AI_PROVIDER: 'none' })
  const { page, context } = await openPage(browser, { baseURL: bare.url })
  await signIn(page, await bare.person('dora'))
  await page.goto('/compose')
  await page.getByText('no AI provider is set up').waitFor()
  expect(await page.getByRole('button', { name: 'Paint', exact: true }).isDisabled()).toBe(true)
  const bytes = await page.screenshot()
  await page
    .getByLabel('Your own picture')
    .setInputFiles({ name: 'mine.png', mimeType: 'image/png', buffer: bytes })
  const alt = page.getByLabel('Description for those who cannot see the picture')
  await alt.waitFor()
  await page.getByRole('button', { name: 'Post' }).click()
  await page.getByText('A picture has no description yet.').waitFor()
  await alt.fill('A page without a picture')
  await page.getByRole('button', { name: 'Post' }).click()
  await page.locator('article.note.main').waitFor()
  expect(await page.locator('article.note.main .badge').count()).toBe(0)
  await context.close()
  await bare.close()
})
