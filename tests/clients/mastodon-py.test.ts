import { execFile, execFileSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { softPicture } from '#tests/media/pictures.ts'
import { startTestServer, type TestPerson, type TestServer } from '#tests/support/test-server.ts'

// Mastodon.py is the library most scripts and bots use. The packaged one belongs to the system's own Python.
const python = '/usr/bin/python3'
const isInstalled = hasMastodonPy()
if (!isInstalled) {
  console.warn(
    'Skipped: the Debian package python3-mastodon is not installed (apt-get install python3-mastodon)',
  )
}

describe.skipIf(!isInstalled)('Mastodon.py', () => {
  let server: TestServer
  let alice: TestPerson
  let folder: string

  beforeAll(async () => {
    server = await startTestServer()
    ;[alice] = await Promise.all([server.person('alice'), server.person('bob')])
    folder = await mkdtemp(join(tmpdir(), 'pinxit-mastodon-py-'))
  })
  afterAll(async () => {
    await server.close()
    await rm(folder, { recursive: true, force: true })
  })

  it('does everything a script wants', async () => {
    const picture = join(folder, 'picture.png')
    await writeFile(picture, await softPicture(320, 200).png().toBuffer())
    const script = join(import.meta.dirname, 'fixtures', 'mastodon_py.py')
    const args = [script, server.url, 'alice@mail.example', alice.password, picture]
    const { stdout } = await promisify(execFile)(python, args, { timeout: 60_000 })
    expect(JSON.parse(stdout)).toEqual({
      app: 'Mastodon.py',
      me: 'alice',
      version: expect.stringContaining('Pinxit'),
      idempotent: true,
      alt: 'Softer hills',
      edited: '<p>Edited</p>',
      source: 'Edited',
      favourites: 1,
      bookmarks: 1,
      favourited_by: ['alice'],
      descendants: 1,
      pages: [3, 3, true],
      remaining: true,
      local: 5,
      hashtag: 0,
      follow: true,
      relationship: true,
      following: ['bob'],
      unfollow: false,
      search: 1,
      profile: ['Alice', 'I script', 'Home', false],
      notifications: 0,
      markers: 1,
      preferences: 'public',
      empty: [[], [], []],
      poll: ['red', 'blue'],
      voted: [0, []],
      history: [expect.stringContaining('From Mastodon.py'), '<p>Edited</p>'],
      pinned: true,
      pins: 1,
      quiet: true,
      tag: 'snakes',
      featured: ['snakes'],
      blocked: true,
      blocks: ['bob'],
      muted: true,
      mutes: ['bob'],
      domains: ['spam.example'],
      report: 'Too many paintings',
      deleted: true,
    })
  }, 90_000)
})

function hasMastodonPy(): boolean {
  try {
    execFileSync(python, ['-c', 'import mastodon'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
