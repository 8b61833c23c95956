import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { gzipSync } from 'node:zlib'
import type { AxeResults } from 'axe-core'
import { sql } from 'kysely'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { featureTag } from '#src/accounts/featured-tags.ts'
import { updateProfile } from '#src/accounts/profile.ts'
import { createApplication } from '#src/auth/applications.ts'
import { issueToken } from '#src/auth/grants.ts'
import { createInvite } from '#src/auth/invites.ts'
import { createOwnerLink } from '#src/auth/owner-links.ts'
import { signUp } from '#src/auth/sign-up.ts'
import { addressOfLink, createMailLink } from '#src/mail/links.ts'
import { fileReport } from '#src/moderation/report.ts'
import { createFilter } from '#src/notes/filters.ts'
import { pinNote } from '#src/notes/pin.ts'
import { reactToNote } from '#src/notes/react.ts'
import { announce } from '#src/policies/announcements.ts'
import { changeRules, changeServerWords, publishTerms } from '#src/policies/server-words.ts'
import { blockAccount } from '#src/relationships/block.ts'
import { blockDomainFor } from '#src/relationships/domain-block.ts'
import { muteAccount } from '#src/relationships/mute.ts'
import { launchBrowser, openPage, signIn } from '#tests/support/browser.ts'
import { furnish, type Gallery } from '#tests/support/gallery.ts'
import { startTestServer, type TestServer } from '#tests/support/test-server.ts'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

let browser: Browser
let server: TestServer
let gallery: Gallery
let ownerLink: string
let reportPath: string
/** With links that letters would bring. */
let doors: string[]
/** Where an app asks to be let in. */
let asking: string
let filterId: string

beforeAll(async () => {
  browser = await launchBrowser()
  // With sign-up and mail there are more pages; nobody answers there, and no letter is written here.
  server = await startTestServer({ REGISTRATIONS: 'approval', SMTP_URL: 'smtp://127.0.0.1:9' })
  gallery = await furnish(server)
  ownerLink = await createOwnerLink(server.app)
  reportPath = await refuse(server, gallery)
  await enrich(server, gallery)
  ;({ doors, asking } = await openDoors(server, gallery))
  await trouble(server)
  await describeServer(server)
  filterId = await filter(server, gallery)
}, 120_000)

afterAll(async () => {
  await browser?.close()
  await server?.close()
})

/** A filter that warns and one that blurs. */
async function filter({ app }: TestServer, { alice }: Gallery): Promise<string> {
  const form = { title: 'Seas', contexts: ['home', 'account', 'public'], action: 'blur' }
  await createFilter(app, alice.accountId, { ...form, keywords: [{ keyword: 'sea' }] })
  const warning = { title: 'Questions', contexts: ['home'], action: 'warn', expiresInSeconds: 3_600 }
  const { id } = await createFilter(app, alice.accountId, { ...warning, keywords: [{ keyword: 'question' }] })
  return id
}

const notePath = () => `/@alice/${gallery.painted.note.id}`
const strangersPages = () => [
  ...['/', '/sign-in', '/sign-up', '/about', '/local', '/federated', '/search?q=bo', '/tags/sea', '/@alice'],
  ...[
    '/@alice/pictures',
    '/nothing-here',
    '/reset/used-already',
    ...doors,
    '/owner/used-already',
    new URL(ownerLink).pathname,
    '/privacy',
    '/terms',
    notePath(),
    `${notePath()}/lineage`,
  ],
]
const ownPages = () => [
  ...['/settings/details', '/settings/move', '/@alice/tagged/sea', '/compose?text=Hello'],
  ...[`/compose?edit=${gallery.painted.note.id}`, `/@bob/${gallery.edited.note.id}`],
  ...['/', '/compose', '/compose?welcome', `/compose?reply=${gallery.answer.note.id}`, '/notifications'],
  ...[
    '/settings',
    '/settings/profile',
    '/settings/bluesky',
    '/settings/account',
    '/settings/apps',
    '/admin/sign-ups',
    '/admin/invites',
    '/@bob',
    '/@alice',
    '/search?q=nobody-at-all',
    '/sign-out',
  ],
  ...[`/compose?quote=${gallery.painted.note.id}`, `/compose?remix=${gallery.painted.note.id}`],
  ...[`${notePath()}/lineage`],
  ...['/settings/filters', '/settings/filters/new', `/settings/filters/${filterId}`],
  ...['/settings/blocks', `/report?account=${gallery.bob.accountId}&note=${gallery.answer.note.id}`],
  ...[
    '/report/sent',
    '/admin/reports',
    reportPath,
    '/admin/deliveries',
    '/admin/retention',
    '/admin/federation',
    '/admin/words',
    '/admin/announcements',
  ],
  '/admin/emojis',
  ...[notePath(), '/authorize_interaction?uri=acct:nobody@nowhere.invalid'],
]

describe.each([
  { width: 360, colorScheme: 'light' },
  { width: 360, colorScheme: 'dark' },
  { width: 1280, colorScheme: 'light' },
  { width: 1280, colorScheme: 'dark' },
] as const)('at $width px, $colorScheme', (look) => {
  test('every page a stranger sees is accessible, fits, is light and shifts nothing', async () => {
    const { page, context, complaints } = await openPage(browser, { baseURL: server.url, ...look })
    const faults = await walk(page, strangersPages())
    // Their styles stand in them, so nothing is weighed.
    await page.goto(asking)
    faults.push(...(await examine(page, 'an app that asks for a password')))
    expect(faults).toEqual([])
    expect(complaints.filter((text) => !/status of (404|410)/.test(text))).toEqual([])
    await context.close()
  })

  test('so is every page of someone signed in', async () => {
    const { page, context, complaints } = await openPage(browser, { baseURL: server.url, ...look })
    await signIn(page, gallery.alice)
    const faults = await walk(page, ownPages())
    faults.push(...(await paintAndExamine(page)), ...(await examineMenus(page)))
    await page.goto(asking)
    faults.push(...(await examine(page, 'an app that asks for consent')))
    expect(faults).toEqual([])
    expect(complaints.filter((text) => !/status of (404|410)/.test(text))).toEqual([])
    await context.close()
  })
})

async function walk(page: Page, paths: string[]): Promise<string[]> {
  const faults: string[] = []
  for (const path of paths) {
    const weights = weigh(page)
    await page.goto(path, { waitUntil: 'load' })
    const { js, css } = await weights()
    if (js > 60_000) faults.push(`${path}: ${js} bytes of JavaScript`)
    if (css === 0 || css > 20_000) faults.push(`${path}: ${css} bytes of CSS`)
    faults.push(...(await examine(page, path)))
    const shift = await layoutShift(page)
    if (shift > 0.02) faults.push(`${path}: layout shift of ${shift}`)
  }
  return faults
}

/** Alice blocks, mutes, and looks after a report of Bob's. Answers the report's page. */
async function refuse({ app, person }: TestServer, { alice, bob, painted }: Gallery): Promise<string> {
  const [noisy, rude] = [await person('noisy'), await person('rude')]
  const aWhile = { hidesNotifications: true, durationSeconds: 3600 }
  await muteAccount(app, alice.accountId, noisy.accountId, aWhile)
  await blockAccount(app, alice.accountId, rude.accountId)
  await blockDomainFor(app, alice.accountId, 'loud.example')
  const { id } = await fileReport(app, bob.accountId, {
    targetId: alice.accountId,
    noteIds: [painted.note.id],
    comment: 'Too early in the morning.',
    category: 'other',
    isForwarded: false,
  })
  return `/admin/reports/${id}`
}

/** A note on top of Alice's profile, with links, a hashtag and reactions. */
async function enrich({ app }: TestServer, { alice, bob, painted, answer }: Gallery): Promise<void> {
  const { accountId } = alice
  await pinNote(app, accountId, painted.note.id)
  await featureTag(app, accountId, 'watercolour')
  await updateProfile(app, accountId, {
    fields: [
      { name: 'Website', value: 'https://alice.example/paintings/of/harbours/and/other/quiet/places' },
      { name: 'Pronouns', value: 'she/her' },
    ],
  })
  await reactToNote(app, bob.accountId, painted.note.id, '🎨')
  await reactToNote(app, accountId, answer.note.id, '🔥')
}

/** Who waits to be let in, an app that was, an invitation, and links to confirm and to reset with. */
async function openDoors({ app }: TestServer, { alice }: Gallery) {
  const { accountId, userId } = alice
  await signUp(app, {
    username: 'newcomer',
    email: 'a-rather-long-address-of-a-newcomer@mail.example',
    password: 'a long enough password',
    agreement: true,
    language: null,
    reason: 'I paint harbours, and would like to see what others paint.',
    applicationId: null,
    address: '',
  })
  await createInvite(app, accountId, { maxUses: 5, lifetimeMs: 3_600_000 })
  const { application } = await createApplication(app, {
    name: 'An app for pictures',
    website: 'https://app.example/',
    redirectUris: ['https://app.example/callback'],
    scopes: ['read', 'write:statuses', 'write:media'],
  })
  await issueToken(app, { application, accountId, scopes: application.scopes })
  const email = 'alice@mail.example'
  const links = await app.db
    .transaction()
    .execute(async (trx) => [
      await createMailLink(trx, app, { userId, purpose: 'confirm', email }),
      await createMailLink(trx, app, { userId, purpose: 'reset', email }),
    ])
  const addresses = await Promise.all(links.map((id) => addressOfLink(app, id)))
  const wish = {
    response_type: 'code',
    client_id: application.client_id,
    redirect_uri: 'https://app.example/callback',
    scope: 'read write:media',
  }
  return {
    doors: ['/forgotten', ...addresses.map((address) => new URL(address ?? '').pathname)],
    asking: `/oauth/authorize?${new URLSearchParams(wish)}`,
  }
}

/** A server that cannot be reached, and a delivery that was given up. */
async function trouble({ app }: TestServer): Promise<void> {
  const payload = JSON.stringify({ inbox: 'https://a-very-long-name-of-a-server.example/inbox' })
  await sql`insert into dead_jobs (id, name, lane, payload, attempts, error, created_at)
    values (1, 'deliver', 'redelivery', ${payload}, 19, 'HTTP 500 from a-very-long-name-of-a-server', now())`.execute(
    app.db,
  )
  await sql`insert into jobs (name, lane, payload, run_at, attempts, last_error)
    values ('deliver', 'redelivery', ${payload}, now() + interval '40 days', 3, 'HTTP 502')`.execute(app.db)
}

/** A server whose people wrote down what it is. */
async function describeServer({ app }: TestServer): Promise<void> {
  const about = 'A harbour for pictures.\n\nhttps://a-very-long-name-of-a-server.example/with/a/long/path/too'
  await changeServerWords(app, null, { about, privacy: 'We keep what you give us, and nothing else.' })
  await changeRules(app, null, [
    { text: 'Be kind', hint: 'To those as well who are not' },
    { text: 'Say what is painted by a machine', hint: '' },
  ])
  await announce(app, gallery.alice.accountId, {
    text: 'The harbour is closed on Sunday.',
    startsAt: null,
    endsAt: null,
  })
  const day = app.clock.now().toISOString().slice(0, 10)
  await publishTerms(app, null, { day, text: 'What is here may go.' })
}

/** The menus of a profile and of a note, opened. */
async function examineMenus(page: Page): Promise<string[]> {
  const faults: string[] = []
  for (const path of ['/@bob', notePath()]) {
    await page.goto(path)
    for (const menu of await page.locator(':is(.menu, .picker) > summary').all()) await menu.click()
    faults.push(...(await examine(page, `${path} with its menus`)))
  }
  return faults
}

/** The states of the composer that no address alone shows: ready to choose from, chosen, options open. */
async function paintAndExamine(page: Page): Promise<string[]> {
  await page.goto('/compose')
  await page.getByLabel('Describe a picture').fill('a lighthouse')
  await page.getByLabel('2', { exact: true }).check({ force: true })
  await page.getByRole('button', { name: 'Paint', exact: true }).click()
  await page.locator('.painting').waitFor()
  const faults = await examine(page, 'painting')
  await page.getByRole('button', { name: 'Use picture 1' }).click()
  await page.locator('#chosen textarea').waitFor()
  await page.getByText('Who sees it, and what they may do').click()
  faults.push(...(await examine(page, 'chosen')))
  await page.getByRole('button', { name: 'Start over' }).click()
  await page.waitForURL('**/compose')
  await page.goto(notePath())
  await page.locator('.provenance summary').click()
  await page.locator('.alt summary').click()
  faults.push(...(await examine(page, 'panels')))
  return faults
}

async function examine(page: Page, name: string): Promise<string[]> {
  await page.evaluate(axe)
  const results: AxeResults = await page.evaluate('axe.run()')
  const faults = results.violations.map(
    ({ id, nodes }) => `${name}: ${id} at ${nodes.map(({ html }) => html.slice(0, 120)).join(' | ')}`,
  )
  const width = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
  if (width > 0) faults.push(`${name}: ${width} px wider than the screen`)
  return faults
}

/** Gzipped bytes of what a page loads from now on. */
function weigh(page: Page): () => Promise<{ js: number; css: number }> {
  const bodies: { type: string; body: Promise<Buffer> }[] = []
  const listen = (response: Awaited<ReturnType<Page['waitForResponse']>>) => {
    const type = response.request().resourceType()
    if (type === 'script' || type === 'stylesheet') bodies.push({ type, body: response.body() })
  }
  page.on('response', listen)
  return async () => {
    page.off('response', listen)
    const sizes = { js: 0, css: 0 }
    for (const { type, body } of bodies) {
      sizes[type === 'script' ? 'js' : 'css'] += gzipSync(await body).byteLength
    }
    return sizes
  }
}

function layoutShift(page: Page): Promise<number> {
  return page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        let sum = 0
        const observer = new PerformanceObserver((list) => {
          for (const entry of list.getEntries()) if ('value' in entry) sum += Number(entry.value)
        })
        observer.observe({ type: 'layout-shift', buffered: true })
        setTimeout(() => resolve(sum), 50)
      }),
  )
}
