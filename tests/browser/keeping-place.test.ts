import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { launchBrowser, openPage, signIn } from '#tests/support/browser.ts'
import { post } from '#tests/support/notes.ts'
import { startTestServer, type TestPerson, type TestServer } from '#tests/support/test-server.ts'

let browser: Browser
let server: TestServer
let alice: TestPerson
let bob: TestPerson

beforeAll(async () => {
  browser = await launchBrowser()
  server = await startTestServer()
  ;[alice, bob] = await Promise.all([server.person('alice'), server.person('bob')])
})

afterAll(async () => {
  await browser?.close()
  await server?.close()
})

async function open(width = 1280) {
  const opened = await openPage(browser, { baseURL: server.url, width })
  await signIn(opened.page, alice)
  return opened
}

test('a reaction is given and taken back by the keyboard, which stays where it was', async () => {
  const { note } = await post(server, bob, { text: 'Look' })
  const { page, context } = await open()
  const path = `/@bob/${note.id}`
  await page.goto(path)
  await page.locator('.picker > summary').press('Enter')
  await page.getByRole('button', { name: 'React with 🔥' }).press('Enter')
  const given = page.getByRole('button', { name: '🔥, 1 reaction' })
  await given.waitFor()
  await page.waitForFunction(() => document.activeElement?.getAttribute('aria-pressed') === 'true')
  await given.press('Enter')
  await given.waitFor({ state: 'detached' })
  await page.waitForFunction(() => document.activeElement?.classList.contains('reactions'))
  expect(new URL(page.url()).pathname).toBe(path)
  await context.close()
})

test('a vote is answered in the place of its form', async () => {
  const poll = { titles: ['Oil', 'Ink'], isMultiple: false, expiresInSeconds: 600 }
  await post(server, bob, { text: 'With what?', poll })
  const { page, context } = await open()
  await page.goto('/@bob')
  await page.getByLabel('Ink').check()
  await page.getByRole('button', { name: 'Vote' }).press('Enter')
  await page.getByText('Your choice').waitFor({ state: 'attached' })
  await page.waitForFunction(() => document.activeElement?.classList.contains('poll'))
  await context.close()
})

test('a draft waits for its own page', async () => {
  const { note } = await post(server, bob, { text: 'Quote me' })
  const { page, context } = await open()
  await page.goto('/compose')
  const text = page.getByLabel('Caption')
  await text.fill('half a thought')
  await page.goto(`/compose?quote=${note.id}`)
  expect(await text.inputValue()).toBe('')
  await page.goto('/compose?text=From+elsewhere')
  expect(await text.inputValue()).toBe('From elsewhere')
  await context.close()
})

test('a page that comes back begins at what was wrong', async () => {
  const { page, context } = await open(360)
  await page.goto('/compose')
  await page.getByRole('button', { name: 'Post' }).click()
  await page.waitForFunction(() => document.activeElement?.id === 'fault')
  await page.goto('/settings/move')
  await page.getByLabel('New account').fill('@nobody@here.invalid')
  await page.getByLabel('Your password').fill('not this one')
  await page.getByRole('button', { name: 'Move' }).click()
  await page.waitForFunction(() => document.activeElement?.matches('.fault'))
  expect(await page.getByLabel('New account').inputValue()).toBe('@nobody@here.invalid')
  await context.close()
})

test('on a phone every place is led to, and every setting leads back', async () => {
  const { page, context } = await open(360)
  await page.getByRole('link', { name: 'Everywhere' }).click()
  await page.waitForURL('**/federated')
  await page.getByRole('link', { name: 'Settings' }).click()
  await page.waitForURL('**/settings')
  await page.getByRole('link', { name: 'Moving' }).click()
  await page.waitForURL('**/settings/move')
  await page.locator('main').getByRole('link', { name: 'Settings' }).click()
  await page.waitForURL('**/settings')
  await context.close()
})
