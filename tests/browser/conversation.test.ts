import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findUser } from '#src/db/users.ts'
import { launchBrowser, type OpenedPage, openPage, signIn } from '#tests/support/browser.ts'
import { post } from '#tests/support/notes.ts'
import { startTestServer, type TestPerson, type TestServer } from '#tests/support/test-server.ts'

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
  { mode: 'with JavaScript', hasJavaScript: true, names: ['alice', 'bob'] },
  { mode: 'without JavaScript', hasJavaScript: false, names: ['anna', 'bert'] },
] as const)('$mode', ({ hasJavaScript, names }) => {
  let opened: OpenedPage
  let page: Page
  let [me, other]: [TestPerson | undefined, TestPerson | undefined] = [undefined, undefined]

  beforeAll(async () => {
    const [first, second] = [await server.person(names[0]), await server.person(names[1])]
    me = first
    other = second
    await post(server, second, { text: `@${names[0]} what a day` })
    opened = await openPage(browser, { baseURL: server.url, hasJavaScript })
    page = opened.page
    await signIn(page, first)
  })
  afterAll(() => opened.context.close())

  test('someone is found and followed', async () => {
    await page.goto(`/search?q=${other?.handle}`)
    await page.locator('.people a').click()
    await page.getByRole('button', { name: 'Follow', exact: true }).click()
    await page.getByRole('button', { name: 'Unfollow' }).waitFor()
    expect(await page.locator('.counts').textContent()).toContain('1 follower')
  })

  test('a notification is read, and its note liked, boosted and kept', async () => {
    await page.goto('/')
    expect(await page.locator('.rail .count').textContent()).toBe('1')
    await page.goto('/notifications')
    await page.getByText(`${names[1]} mentioned you`).waitFor()
    if (hasJavaScript) await page.getByText('Mark all as read').waitFor({ state: 'hidden' })
    else await page.getByRole('button', { name: 'Mark all as read' }).click()
    await page.goto('/')
    expect(await page.locator('.rail .count').count()).toBe(0)
    const note = page.locator('article.note').filter({ hasText: 'what a day' }).first()
    for (const [before, after] of [
      ['Like, 0 likes', 'Liked, 1 like'],
      ['Boost, 0 boosts', 'Boosted, 1 boost'],
      ['Bookmark', 'Bookmarked'],
    ] as const) {
      await note.getByRole('button', { name: before, exact: true }).click()
      await note.getByRole('button', { name: after, exact: true }).waitFor()
    }
    await expect.poll(() => note.locator('.action[aria-pressed="true"]').count()).toBe(3)
    await page.reload()
    const again = page.locator('article.note').filter({ hasText: 'what a day' }).last()
    expect(await again.getByRole('button', { name: 'Liked, 1 like' }).count()).toBe(1)
    await again.getByRole('button', { name: 'Liked, 1 like' }).click()
    await again.getByRole('button', { name: 'Like, 0 likes' }).waitFor()
  })

  test('an answer stands in the thread, and is deleted again', async () => {
    await page.goto('/notifications')
    await page.locator('article.note time').first().click()
    const answer = page.getByLabel(`Reply to ${names[1]}`)
    expect(await answer.inputValue()).toBe(`@${names[1]} `)
    await answer.fill(`@${names[1]} indeed it is`)
    await page.locator('.reply-form').getByRole('button', { name: 'Reply' }).click()
    await page.locator('article.note.main').getByText('indeed it is').waitFor()
    expect(await page.locator('.ancestors').getByText('what a day').count()).toBe(1)
    await page.locator('article.note.main .menu summary').click()
    await page.getByRole('button', { name: 'Delete' }).click()
    await page.waitForURL(`${server.url}/`)
    expect(await page.getByText('indeed it is').count()).toBe(0)
  })

  test('name, words, picture and language are changed', async () => {
    await page.goto('/settings/profile')
    await page.getByLabel('Display name').fill('Nina <b>Nine</b>')
    await page.getByLabel('About you').fill('Paints.')
    const picture = { name: 'me.png', mimeType: 'image/png', buffer: await page.screenshot() }
    await page.getByLabel('Picture').setInputFiles(picture)
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('Saved.').waitFor()
    await page.goto(`/@${names[0]}`)
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('Nina <b>Nine</b>')
    expect(await page.locator('.profile .avatar').getAttribute('src')).toContain('/media/')
    await page.goto('/settings')
    await page.getByLabel('Language').selectOption('it')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('Salvato.').waitFor()
    expect(await page.locator('html').getAttribute('lang')).toBe('it')
    expect((await findUser(server.app.db, me?.userId ?? ''))?.locale).toBe('it')
  })

  test('signing out ends the session', async () => {
    await page.goto('/sign-out')
    await page.getByRole('button', { name: 'Esci' }).click()
    await page.waitForURL(`${server.url}/`)
    expect(await opened.context.cookies()).toEqual([])
  })

  test('nothing was complained of', () => {
    expect(opened.complaints).toEqual([])
  })
})

test('the keyboard walks through a feed', async () => {
  const { page, context } = await openPage(browser, { baseURL: server.url })
  const cora = await server.person('cora')
  await post(server, cora, { text: 'the older one' })
  await post(server, cora, { text: 'the newer one' })
  await signIn(page, cora)
  await page.keyboard.press('j')
  await page.keyboard.press('j')
  expect(await page.locator('article.note:focus').textContent()).toContain('the older one')
  await page.keyboard.press('l')
  await page
    .locator('article.note', { hasText: 'the older one' })
    .getByRole('button', { name: 'Liked' })
    .waitFor()
  await page.keyboard.press('?')
  expect(await page.getByRole('dialog').isVisible()).toBe(true)
  await page.keyboard.press('Escape')
  await page.keyboard.press('k')
  await page.keyboard.press('o')
  await page.waitForURL('**/@cora/*')
  await page.keyboard.press('r')
  await page.waitForURL('**/compose?reply=*')
  await context.close()
})
