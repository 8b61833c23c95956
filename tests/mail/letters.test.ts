import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { letterNames } from '#src/jobs/catalogue.ts'
import { createMailLink } from '#src/mail/links.ts'
import { type Letter, postLetter } from '#src/mail/post.ts'
import { writeLetter } from '#src/mail/write.ts'
import { linkIn, type MailServer, startMailServer } from '#tests/support/mail-server.ts'
import { startTestServer, type TestPerson, type TestServer } from '#tests/support/test-server.ts'

let mail: MailServer
let server: TestServer
let alice: TestPerson
beforeAll(async () => {
  mail = await startMailServer()
  server = await startTestServer({ SMTP_URL: mail.url, MAIL_FROM: 'Gallery <post@gallery.example>' })
  alice = await server.person('alice')
})
beforeEach(() => {
  mail.refuseWith(0)
  mail.letters.length = 0
})
afterAll(async () => {
  await server.close()
  await mail.close()
})

const letter: Letter = {
  letter: 'newApp',
  to: 'alice@mail.example',
  language: 'en',
  username: 'alice',
  detail: 'Elk <b>',
}

const post = (changes: Partial<Letter> = {}) =>
  server.app.db.transaction().execute((trx) => postLetter(trx, server.app, { ...letter, ...changes }))

async function postLink(purpose: 'confirm' | 'reset' = 'reset'): Promise<void> {
  await server.app.db.transaction().execute(async (trx) => {
    const link = { userId: alice.userId, purpose, email: letter.to }
    const linkId = await createMailLink(trx, server.app, link)
    await postLetter(trx, server.app, { ...letter, letter: purpose, linkId })
  })
}

const deadJobs = () => server.app.db.selectFrom('dead_jobs').selectAll().execute()
const waitingJobs = () =>
  server.app.db.selectFrom('jobs').selectAll().where('name', '=', 'sendLetter').execute()

describe('a letter', () => {
  it('arrives once, in plain text and HTML that say the same, and leaves no row behind', async () => {
    await post()
    await server.settle()
    expect(mail.letters).toHaveLength(1)
    const [{ to, headers, text, html } = mail.letters[0] as never] = mail.letters
    expect(to).toEqual(['alice@mail.example'])
    expect(headers).toMatchObject({
      from: 'Gallery <post@gallery.example>',
      'auto-submitted': 'auto-generated',
    })
    expect(text).toContain('Elk <b>')
    expect(html).toContain('Elk &lt;b&gt;')
    expect(html).not.toContain('<b>')
    for (const body of [text, html]) expect(body).toContain(`${server.url}/settings/apps`)
    expect(await waitingJobs()).toEqual([])
  })

  it('that is refused for now is tried again, as the same letter, and arrives', async () => {
    mail.refuseWith(451)
    await post()
    await server.settle()
    expect(mail.letters).toEqual([])
    const [waiting] = await waitingJobs()
    expect(waiting).toMatchObject({ attempts: 1, last_error: expect.stringContaining('451') })
    mail.refuseWith(0)
    server.clock.advance(60_000)
    await server.settle()
    expect(mail.letters.map(({ headers }) => headers['message-id'])).toEqual([
      expect.stringContaining(`letter-${waiting?.id}@`),
    ])
  })

  it('that is refused for good is buried and offered no more', async () => {
    mail.refuseWith(550)
    const before = (await deadJobs()).length
    await post()
    await server.settle()
    const offered = mail.offered
    server.clock.advance(24 * 3_600_000)
    await server.settle()
    expect(mail.offered).toBe(offered)
    const dead = await deadJobs()
    expect(dead).toHaveLength(before + 1)
    expect(dead.at(-1)).toMatchObject({ name: 'sendLetter', error: expect.stringContaining('550') })
    expect(await waitingJobs()).toEqual([])
  })

  it('waits while nobody answers there', async () => {
    const gone = await startMailServer()
    await gone.close()
    const lonely = await startTestServer({ SMTP_URL: gone.url })
    await lonely.app.db.transaction().execute((trx) => postLetter(trx, lonely.app, letter))
    await lonely.settle()
    const jobs = await lonely.app.db.selectFrom('jobs').selectAll().where('name', '=', 'sendLetter').execute()
    expect(jobs).toHaveLength(1)
    await lonely.close()
  })

  it('is not written where there is no mail', async () => {
    const silent = await startTestServer()
    await silent.app.db.transaction().execute((trx) => postLetter(trx, silent.app, letter))
    const count = await silent.app.db
      .selectFrom('jobs')
      .selectAll()
      .where('name', '=', 'sendLetter')
      .execute()
    expect(count).toEqual([])
    await silent.close()
  })
})

describe('a link in a letter', () => {
  it('stands in no row, neither while it waits nor after', async () => {
    mail.refuseWith(451)
    await postLink()
    await server.settle()
    const waiting = await waitingJobs()
    expect(waiting).toHaveLength(1)
    mail.refuseWith(0)
    server.clock.advance(60_000)
    await server.settle()
    const link = linkIn(mail.letters[0] as never)
    expect(link).toMatch(new RegExp(`^${server.url}/reset/[\\w-]{43}$`))
    const token = link.split('/').at(-1) ?? ''
    const links = await server.app.db.selectFrom('mail_links').selectAll().execute()
    expect(links.length).toBeGreaterThan(0)
    expect(JSON.stringify([waiting, links])).not.toContain(token)
    expect((await server.fetch(new URL(link).pathname)).status).toBe(200)
  })

  it('is not sent any more once another took its place', async () => {
    mail.refuseWith(451)
    await postLink('confirm')
    await server.settle()
    mail.refuseWith(0)
    await postLink('confirm')
    server.clock.advance(60_000)
    await server.settle()
    expect(mail.letters).toHaveLength(1)
    expect((await server.fetch(new URL(linkIn(mail.letters[0] as never)).pathname)).status).toBe(200)
  })
})

describe.each(['en', 'de', 'it', 'ko'])('in %s', (language) => {
  it.each(letterNames)('the letter "%s" is whole, and harmless whatever it is about', (name) => {
    const about = { letter: name, language, username: 'alice', detail: '"><script>', link: undefined }
    const { subject, text, html } = writeLetter(server.app, about)
    expect(subject).not.toBe('')
    expect(`${subject}${text}${html}`).not.toMatch(/undefined|\[object/)
    expect(html).toContain(`lang="${language}"`)
    expect(html).not.toContain('<script>')
    expect(text).toContain(server.url)
    const english = writeLetter(server.app, { ...about, language: 'en' })
    if (language !== 'en') expect(text).not.toBe(english.text)
    expect(writeLetter(server.app, { ...about, language: '__proto__' }).subject).toBe(english.subject)
  })
})
