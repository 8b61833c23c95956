import { execFile, execFileSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { softPicture } from '#tests/media/pictures.ts'
import { startTestServer, type TestPerson, type TestServer } from '#tests/support/test-server.ts'

// toot is a Mastodon client for the command line, written by people who never saw this server.
const isInstalled = hasToot()
if (!isInstalled) console.warn('Skipped: the Debian package toot is not installed (apt-get install toot)')

describe.skipIf(!isInstalled)('toot', () => {
  let server: TestServer
  let alice: TestPerson
  let bob: TestPerson
  let home: string

  beforeAll(async () => {
    server = await startTestServer()
    ;[alice, bob] = await Promise.all([server.person('alice'), server.person('bob')])
    home = await mkdtemp(join(tmpdir(), 'pinxit-toot-'))
    const host = new URL(server.url).host
    const login = ['login_cli', '--disable-https', '--instance', host, '--email', 'alice@mail.example']
    expect(await toot(login, alice.password)).toContain('Successfully logged in')
  })
  afterAll(async () => {
    await server.close()
    await rm(home, { recursive: true, force: true })
  })

  /** Runs toot in a home of its own, and answers with what it prints. Rejects when it fails. */
  function toot(args: string[], stdin = ''): Promise<string> {
    return new Promise((resolve, reject) => {
      const env = { PATH: process.env.PATH, HOME: home, LANG: 'C.UTF-8' }
      const child = execFile('toot', args, { env, timeout: 60_000 }, (error, stdout, stderr) => {
        if (error || stderr) reject(new Error(`toot ${args.join(' ')}: ${stdout}${stderr}`, { cause: error }))
        else resolve(stdout)
      })
      child.stdin?.end(stdin)
    })
  }

  it('is told who it is', async () => {
    expect(await toot(['auth'])).toContain(`alice@${new URL(server.url).host}`)
    expect(await toot(['whoami'])).toContain('@alice')
    expect(await toot(['instance', '--disable-https'])).toContain('Pinxit')
  })

  it('is refused with a wrong password', async () => {
    const host = new URL(server.url).host
    const login = ['login_cli', '--disable-https', '--instance', host, '--email', 'bob@mail.example']
    await expect(toot(login, 'not the password')).rejects.toThrow('Login failed')
  })

  it('posts a picture with its alt text and reads it at home', async () => {
    const file = join(home, 'picture.png')
    await writeFile(file, await softPicture(320, 200).png().toBuffer())
    const posted = await toot(['post', 'A picture from toot', '--media', file, '--description', 'Soft hills'])
    expect(posted).toContain(`${server.url}/@alice/`)
    const feed = await toot(['timeline', '--once'])
    expect(feed).toContain('A picture from toot')
    expect(feed).toContain(`${server.url}/media/`)
    const response = await server.fetch('/api/v1/timelines/home', { as: alice })
    const [status] = await response.json()
    expect(status.application).toEqual({ name: expect.stringContaining('toot'), website: expect.any(String) })
    expect(status.media_attachments[0].description).toBe('Soft hills')
  })

  it('follows, and hears of a mention, a favourite and a boost', async () => {
    expect(await toot(['follow', 'bob'])).toContain('now following bob')
    expect(await toot(['followers', 'bob'])).toContain('@alice')
    const mention = await server.fetch('/api/v1/statuses', {
      as: bob,
      json: { status: '@alice well painted' },
    })
    expect(mention.status).toBe(200)
    const statuses = await server.fetch(`/api/v1/accounts/${alice.accountId}/statuses`)
    const [status] = await statuses.json()
    await server.fetch(`/api/v1/statuses/${status.id}/favourite`, { as: bob, method: 'POST' })
    await server.fetch(`/api/v1/statuses/${status.id}/reblog`, { as: bob, method: 'POST' })
    const notifications = await toot(['notifications'])
    expect(notifications).toContain('@bob mentioned you in')
    expect(notifications).toContain('@bob favourited your status')
    expect(notifications).toContain('@bob reblogged your status')
    expect(await toot(['notifications', '--mentions'])).not.toContain('favourited')
  })

  it('reacts to, answers, threads and deletes', async () => {
    const response = await server.fetch('/api/v1/statuses', { as: bob, json: { status: 'a question' } })
    const { id } = await response.json()
    for (const reaction of ['favourite', 'bookmark', 'reblog', 'unreblog', 'unbookmark', 'unfavourite']) {
      await toot([reaction, id])
    }
    await toot(['post', 'an answer', '--reply-to', id])
    const thread = await toot(['thread', id])
    expect(thread.indexOf('a question')).toBeLessThan(thread.indexOf('an answer'))
    const answer = /ID (\d+)\s+↲ In reply to/.exec(thread)?.[1] ?? ''
    expect(await toot(['delete', answer])).toContain('Status deleted')
    expect(await toot(['thread', id])).not.toContain('an answer')
    await expect(toot(['delete', id])).rejects.toThrow('Record not found')
  })

  it('pins, mutes and blocks', async () => {
    const [, id = ''] = /\/@alice\/(\d+)/.exec(await toot(['post', 'worth keeping'])) ?? []
    expect(await toot(['pin', id])).toContain('Status pinned')
    expect(await toot(['unpin', id])).toContain('Status unpinned')
    expect(await toot(['mute', 'bob'])).toContain('bob')
    expect(await toot(['unmute', 'bob'])).toContain('bob')
    expect(await toot(['block', 'bob'])).toContain('bob')
    const relationship = await server.fetch(`/api/v1/accounts/relationships?id[]=${bob.accountId}`, {
      as: alice,
    })
    expect(await relationship.json()).toMatchObject([{ blocking: true, following: false }])
    expect(await toot(['unblock', 'bob'])).toContain('bob')
  })

  it('searches and finds people', async () => {
    expect(await toot(['search', 'bob'])).toContain('@bob')
    expect(await toot(['whois', `@bob@${new URL(server.url).host}`])).toContain('@bob')
  })
})

function hasToot(): boolean {
  try {
    execFileSync('toot', ['env'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
