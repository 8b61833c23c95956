import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { gunzipSync, gzipSync } from 'node:zlib'
import type { Kysely } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { loadKeyPairs } from '#src/accounts/keys.ts'
import { checkCredentials } from '#src/auth/sign-in.ts'
import { resolveToken } from '#src/auth/tokens.ts'
import { buildIfChanged } from '#src/build.ts'
import { startEmbeddedPostgres } from '#src/db/embedded-postgres.ts'
import type { Database } from '#src/db/tables.ts'
import { newMediaKey } from '#src/media/storage.ts'
import { softPicture } from '#tests/media/pictures.ts'
import { type BareApp, createBareApp } from '#tests/support/bare-app.ts'
import { createTestDatabase, type TestDatabase } from '#tests/support/database.ts'

const root = join(import.meta.dirname, '..', '..')
let bare: BareApp
let folder: string
const secretKey = 'a secret of tests, and of nothing else'

beforeAll(async () => {
  await buildIfChanged(root, { log: () => undefined })
  bare = await createBareApp()
  folder = await mkdtemp(join(tmpdir(), 'pinxit-cli-'))
}, 120_000)
afterAll(async () => {
  await bare.close()
  await rm(folder, { recursive: true, force: true })
})

type Environment = Record<string, string>

/** As `npm run cli` does it, over the database of this test unless the environment says otherwise. */
async function cli(args: string[], environment: Environment = overTestDatabase()) {
  const child = spawn(process.execPath, [join(root, 'src', 'launch.mjs'), '--cli', ...args], {
    env: { PATH: process.env.PATH, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const [out, errors] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')])
  return { code: child.exitCode, out, errors }
}

const overTestDatabase = (): Environment => ({
  DATABASE_URL: bare.app.databaseUrl,
  DATA_DIR: bare.app.config.dataDir,
  PUBLIC_URL: bare.app.publicUrl,
  SECRET_KEY: secretKey,
})

async function json(args: string[], environment?: Environment): Promise<unknown> {
  const { code, out, errors } = await cli([...args, '--json'], environment)
  expect([code, errors]).toEqual([0, ''])
  return JSON.parse(out)
}

const create = (name: string) => [
  'account',
  'create',
  name,
  '--email',
  `${name}@mail.example`,
  '--password',
  'a long password',
]

test('someone gets a new password, and the old one opens nothing', async () => {
  await cli(create('forgetful'))
  const { out: token } = await cli(['token', 'create', 'forgetful'])
  expect(await resolveToken(bare.app, token.trim())).toBeDefined()
  const change = ['account', 'password', 'forgetful', '--password', 'a new long password']
  expect(await json(change)).toEqual({ username: 'forgetful' })
  expect(await resolveToken(bare.app, token.trim())).toBeUndefined()
  const signIn = { login: 'forgetful', password: 'a new long password', address: '' }
  expect(await checkCredentials(bare.app, signIn)).toMatchObject({ username: 'forgetful' })
  expect(await cli(['account', 'password', 'nobody', '--password', 'a new long password'])).toMatchObject({
    code: 1,
  })
})

describe('accounts and tokens', () => {
  test('an account made here may come in, and its token opens the API', async () => {
    expect(await cli([...create('alice'), '--role', 'admin'])).toEqual({
      code: 0,
      out: '@alice@pinxit.example is ready (admin)\n',
      errors: '',
    })
    const { code, out } = await cli(['token', 'create', 'alice', '--scopes', 'read write:media'])
    expect(code).toBe(0)
    expect(out).toMatch(/^\S+\n$/)
    const bearer = await resolveToken(bare.app, out.trim())
    expect(bearer).toMatchObject({ role: 'admin', scopes: ['read', 'write:media'], refusal: null })
  })

  test.each([
    ['a name that is taken', create('ALICE')],
    ['a reserved name', create('root')],
    ['a password too short', [...create('bob').slice(0, -1), 'short']],
    ['a token for nobody', ['token', 'create', 'nobody']],
    ['a domain that is none', ['domain', 'block', '*.com']],
    ['our own domain', ['domain', 'block', 'PINXIT.example.']],
    ['a domain that is not blocked', ['domain', 'unblock', 'fine.example']],
    ['a file that is not there', ['restore', '/nowhere/at/all']],
    ['a switch neither on nor off', ['settings', 'set', 'authorized_fetch', 'perhaps']],
  ])('%s fails in words, with 1', async (_name, args) => {
    const { code, out, errors } = await cli(args)
    expect([code, out]).toEqual([1, ''])
    expect(errors.trim()).toMatch(/^[^\n]{10,}$/)
    const { errors: asJson } = await cli([...args, '--json'])
    expect(z.object({ error: z.string() }).parse(JSON.parse(asJson)).error).toBe(errors.trim())
  })

  test.each([
    ['nothing', []],
    ['an unknown command', ['dance']],
    ['an unknown option', ['doctor', '--dance']],
    ['a missing name', ['account', 'create', '--email', 'a@b.example', '--password', 'a long password']],
    ['a missing password', ['account', 'create', 'x', '--email', 'a@b.example']],
    ['an unknown role', [...create('x'), '--role', 'king']],
    ['an unknown scope', ['token', 'create', 'alice', '--scopes', 'everything']],
    ['no dead job named', ['jobs', 'drop']],
    ['an id that is none', ['jobs', 'replay', 'x']],
    ['a setting that is none', ['settings', 'set', 'gravity', 'off']],
  ])('%s is a wrong call: 2', async (_name, args) => {
    const { code, out } = await cli(args)
    expect([code, out]).toEqual([2, ''])
  })

  test('help is no failure', async () => {
    expect(await cli(['--help'])).toMatchObject({ code: 0, errors: '' })
  })

  test('a faulty environment is told in words', async () => {
    const { code, errors } = await cli(['doctor'], { ...overTestDatabase(), PORT: 'many' })
    expect([code, errors]).toEqual([1, expect.stringContaining('PORT')])
  })
})

describe('looking after a server', () => {
  test('an owner link is a link, and another one each time', async () => {
    const links = await Promise.all([cli(['owner-link']), cli(['owner-link'])])
    for (const { out } of links) expect(out).toMatch(/^https:\/\/pinxit\.example\/owner\/[\w-]{43}\n$/)
    expect(links[0]?.out).not.toBe(links[1]?.out)
  })

  test('the doctor finds nothing wrong, and tells a wrong secret', async () => {
    expect(await cli(['doctor'])).toMatchObject({ code: 0, errors: '' })
    const wrong = { ...overTestDatabase(), SECRET_KEY: 'another secret, as long as it must be' }
    const { code, out } = await cli(['doctor'], wrong)
    expect([code, out]).toEqual([1, expect.stringContaining('BAD   secret key')])
    // Whoever it made could never sign anything.
    const refused = await cli(create('unsigned'), wrong)
    expect(refused).toMatchObject({ code: 1, out: '', errors: expect.stringContaining('SECRET_KEY') })
  })

  test('dead jobs are listed, replayed and dropped', async () => {
    const { db } = bare.app
    const dead = (id: string, name: string) => ({
      id,
      name,
      lane: 'default',
      payload: '{}',
      attempts: 3,
      error: 'it broke\nhere',
      created_at: new Date(),
    })
    await db
      .insertInto('dead_jobs')
      .values([dead('1', 'pruneUploads'), dead('2', 'deleteFiles'), dead('3', 'deleteFiles')])
      .execute()
    expect(await json(['jobs', 'list'])).toMatchObject({
      total: 3,
      dead: [{ id: '3' }, { id: '2' }, { id: '1' }],
    })
    expect((await cli(['jobs', 'list', '--name', 'pruneUploads'])).out).toMatch(
      /pruneUploads {2}3 tries {2}it broke\n3 dead/,
    )
    expect(await json(['jobs', 'replay', '1'])).toEqual({ replayed: 1 })
    expect(await json(['jobs', 'drop', '--name', 'deleteFiles'])).toEqual({ dropped: 2 })
    expect(await json(['jobs', 'list'])).toMatchObject({ total: 0, dead: [] })
    expect(await db.selectFrom('jobs').select('name').execute()).toEqual([{ name: 'pruneUploads' }])
  })

  test('domains are blocked in one spelling, listed and unblocked, and the log knows', async () => {
    expect(await json(['domain', 'block', 'BÜCHER.Example.', '--reason', 'spam'])).toEqual({
      domain: 'xn--bcher-kva.example',
      reason: 'spam',
    })
    expect((await cli(['domain', 'list'])).out).toBe('xn--bcher-kva.example  spam\n')
    expect((await cli(['domain', 'unblock', 'bücher.example'])).code).toBe(0)
    expect((await cli(['domain', 'list'])).out).toBe('No domain is blocked\n')
    const log = await bare.app.db
      .selectFrom('audit_log')
      .select(['action', 'subject'])
      .orderBy('id')
      .execute()
    expect(log.map(({ action }) => action)).toEqual(['domain.block', 'domain.unblock'])
  })

  test('a list is imported but for what is no full block, and exported without formulas', async () => {
    const file = join(folder, 'blocks.csv')
    await writeFile(
      file,
      '\uFEFF#domain,#severity,#reject_media,#reject_reports,#public_comment,#obfuscate\r\n' +
        'one.example,suspend,true,true,"=HYPERLINK(""x"")",false\r\n' +
        'silenced.example,silence,false,false,,false\r\n' +
        '*.com\r\npinxit.example\r\n=1+1\r\n\r\nTWO.example\r\none.example\r\n',
    )
    expect(await json(['domain', 'import', file, '--dry-run'])).toMatchObject({
      listed: 2,
      added: 0,
      dry_run: true,
    })
    expect((await cli(['domain', 'list'])).out).toBe('No domain is blocked\n')
    const imported = await json(['domain', 'import', file])
    expect(imported).toMatchObject({
      listed: 2,
      added: 2,
      refused: [{ line: 3 }, { line: 4 }, { line: 5 }, { line: 6 }],
    })
    expect((await cli(['domain', 'export'])).out.split('\n').slice(1, 3)).toEqual([
      `one.example,suspend,true,true,"'=HYPERLINK(""x"")",false`,
      'two.example,suspend,true,true,"",false',
    ])
  })

  test('settings are listed, read and changed', async () => {
    expect(await json(['settings', 'get', 'authorized_fetch'])).toEqual({
      name: 'authorized_fetch',
      value: false,
    })
    expect(await json(['settings', 'set', 'authorized_fetch', 'on'])).toMatchObject({ value: true })
    expect(await json(['settings', 'list'])).toContainEqual(
      expect.objectContaining({ name: 'authorized_fetch', value: true }),
    )
    expect((await cli(['settings', 'set', 'authorized_fetch', 'off'])).out).toBe('authorized_fetch is off\n')
  })

  test('uploads nobody posted are pruned with their files, younger ones stay', async () => {
    const { app } = bare
    const account = await app.db.selectFrom('accounts').select('id').executeTakeFirstOrThrow()
    const keys = [newMediaKey('png'), newMediaKey('png')]
    for (const [index, key] of keys.entries()) {
      await app.storage.put(key, new Uint8Array([index]))
      const created_at = new Date(Date.now() - index * 25 * 3_600_000)
      await app.db
        .insertInto('media')
        .values({ account_id: account.id, media_type: 'image/png', file_key: key, created_at })
        .execute()
    }
    expect(await json(['media', 'prune'])).toEqual({ pruned: 1 })
    expect(await Promise.all(keys.map(async (key) => (await app.storage.stat(key)) !== undefined))).toEqual([
      true,
      false,
    ])
  })
})

describe('what is kept of other servers', () => {
  test('is listed and decided, and refused in words', async () => {
    expect(await json(['retention', 'list'])).toMatchObject({ remoteNotesDays: 90 })
    expect(await json(['retention', 'set', 'remoteNotesDays', '30'])).toEqual({
      name: 'remoteNotesDays',
      value: 30,
    })
    expect(await json(['retention', 'list'])).toMatchObject({ remoteNotesDays: 30, notificationsDays: 180 })
    expect((await cli(['retention', 'set', 'remoteNotesDays', '-1'])).code).toBe(2)
    expect((await cli(['retention', 'set', 'nothing', '1'])).code).toBe(2)
    expect((await cli(['retention', 'set', 'remoteMediaMb', '1'])).code).toBe(1)
  })

  test('copies of pictures go with their files when nobody looked at them for long', async () => {
    const { app } = bare
    const keys = [newMediaKey('webp'), newMediaKey('webp')]
    const now = Date.now()
    for (const [index, key] of keys.entries()) {
      await app.storage.put(key, new Uint8Array(10))
      await app.db
        .insertInto('remote_files')
        .values({
          url: `https://far.example/${index}`,
          variant: 'small',
          state: 'stored',
          file_key: key,
          byte_size: '10',
          last_used_at: new Date(now - index * 10 * 24 * 3_600_000),
        })
        .execute()
    }
    expect(await json(['media', 'prune', '--remote'])).toEqual({ pruned: 0, bytes: 0 })
    expect(await json(['media', 'prune', '--remote', '--unused-days', '5'])).toEqual({ pruned: 1, bytes: 10 })
    expect(await Promise.all(keys.map(async (key) => (await app.storage.stat(key)) !== undefined))).toEqual([
      true,
      false,
    ])
    expect((await cli(['media', 'prune', '--unused-days', '5'])).code).toBe(2)
    await json(['media', 'prune', '--remote', '--unused-days', '0'])
    await app.db.deleteFrom('remote_files').execute()
  })
})

describe('backup and restore', () => {
  const elsewhere = (database: TestDatabase, name: string): Environment => ({
    DATABASE_URL: database.url,
    DATA_DIR: join(folder, name),
    PUBLIC_URL: bare.app.publicUrl,
  })

  test('a backup brings back rows, files and keys to an empty server, and overwrites none unasked', async () => {
    const { app } = bare
    const file = join(folder, 'backup.tar.gz')
    const { out: token } = await cli(['token', 'create', 'alice'])
    expect(await json(['backup', file])).toMatchObject({ file, files: 1 })
    expect((await stat(file)).mode & 0o077).toBe(0)
    expect((await cli(['backup', file])).code).toBe(1)
    expect((await cli(['backup', file, '--force'])).code).toBe(0)
    const before = await listAccountRows(app.db)
    const [media] = await app.db.selectFrom('media').select('file_key').execute()

    const database = await createTestDatabase()
    const there = elsewhere(database, 'restored')
    expect(await json(['restore', file], there)).toMatchObject({ files: 1 })
    const again = await cli(['restore', file], there)
    expect([again.code, again.errors]).toEqual([1, expect.stringContaining('--force')])
    expect((await cli(['restore', file, '--force'], there)).code).toBe(0)

    expect(await listAccountRows(database.db)).toEqual(before)
    expect(await resolveToken({ ...app, db: database.db }, token.trim())).toMatchObject({ role: 'admin' })
    const kept = (await readFile(join(folder, 'restored', 'secret-key'), 'utf8')).trim()
    const alice = before.find(({ username }) => username === 'alice')
    expect(await loadKeyPairs(database.db, kept, alice?.id ?? '')).toHaveLength(2)
    expect(await readFile(join(folder, 'restored', 'media', media?.file_key ?? ''))).toEqual(Buffer.from([0]))

    const running = await cli(['restore', file, '--force'], there)
    expect([running.code, running.errors]).toEqual([1, expect.stringContaining('stop it first')])
    await database.destroy()
  })

  test('a broken backup changes nothing', async () => {
    const bytes = await readFile(join(folder, 'backup.tar.gz'))
    const file = join(folder, 'broken.tar.gz')
    const database = await createTestDatabase()
    for (const content of [
      bytes.subarray(0, -100),
      gunzipSync(bytes),
      Buffer.from('junk'),
      gzipSync('junk'),
    ]) {
      await writeFile(file, content)
      expect((await cli(['restore', file], elsewhere(database, 'broken'))).code).toBe(1)
    }
    expect(await listAccountRows(database.db)).toEqual([])

    // Nor where people live, whose keys only their own secret opens.
    const there = elsewhere(database, 'inhabited')
    expect((await cli(create('resident'), there)).code).toBe(0)
    await writeFile(file, bytes.subarray(0, -100))
    expect((await cli(['restore', file, '--force'], there)).code).toBe(1)
    const [resident] = await listAccountRows(database.db)
    const kept = (await readFile(join(folder, 'inhabited', 'secret-key'), 'utf8')).trim()
    expect(await loadKeyPairs(database.db, kept, resident?.id ?? '')).toHaveLength(2)
    await database.destroy()
  })
})

function listAccountRows(db: Kysely<Database>) {
  return db.selectFrom('accounts').selectAll().orderBy('id').execute()
}

test('with the embedded database, commands start it themselves and join one that runs', async () => {
  const environment = { DATA_DIR: join(folder, 'embedded'), PUBLIC_URL: 'https://embedded.example' }
  expect(await cli(create('alice'), environment)).toMatchObject({ code: 0 })
  const postgres = await startEmbeddedPostgres({ dataDir: environment.DATA_DIR })
  try {
    const results = await Promise.all([cli(create('bob'), environment), cli(['doctor'], environment)])
    expect(results.map(({ code }) => code)).toEqual([0, 0])
    expect((await cli(create('alice'), environment)).errors).toContain('taken')
  } finally {
    await postgres.stop()
  }
})

test('someone is deleted, when that is really meant', async () => {
  await cli(create('leaving'))
  expect(await cli(['account', 'delete', 'leaving'])).toMatchObject({ code: 2 })
  expect(await json(['account', 'delete', 'leaving', '--yes'])).toEqual({ username: 'leaving' })
  expect(await cli(['token', 'create', 'leaving'])).toMatchObject({ code: 1 })
  expect((await cli(create('leaving'))).code).toBe(1)
})

test('someone gets new keys under the old ids, and other servers are told', async () => {
  await cli(create('compromised'))
  const { id } = await bare.app.db
    .selectFrom('accounts')
    .select('id')
    .where('username', '=', 'compromised')
    .executeTakeFirstOrThrow()
  const keys = () =>
    bare.app.db
      .selectFrom('account_keys')
      .select(['key_uri', 'public_jwk'])
      .where('account_id', '=', id)
      .orderBy('kind')
      .execute()
  const before = await keys()
  expect(await json(['account', 'rotate-keys', 'compromised'])).toEqual({ username: 'compromised' })
  const after = await keys()
  expect(after.map(({ key_uri }) => key_uri)).toEqual(before.map(({ key_uri }) => key_uri))
  expect(after).not.toEqual(before)
  expect(await loadKeyPairs(bare.app.db, secretKey, id)).toHaveLength(2)
  const jobs = await bare.app.db
    .selectFrom('jobs')
    .select('payload')
    .where('name', '=', 'deliverAccount')
    .execute()
  expect(jobs).toContainEqual({ payload: { accountId: id, activity: 'Update' } })
  expect(await cli(['account', 'rotate-keys', 'nobody'])).toMatchObject({ code: 1 })
})

describe('emoji', () => {
  test('are added, listed, imported and removed', async () => {
    const pictures = join(folder, 'emoji')
    await mkdir(pictures)
    const png = await softPicture(20, 20).png().toBuffer()
    await writeFile(join(pictures, 'blob-cat.png'), png)
    await writeFile(join(pictures, 'broken.png'), 'not a picture')
    await writeFile(join(pictures, 'readme.txt'), 'not a picture either')
    expect(await json(['emoji', 'add', 'one', join(pictures, 'blob-cat.png'), '--category', 'art'])).toEqual({
      shortcode: 'one',
    })
    expect(await json(['emoji', 'import', pictures])).toMatchObject({
      added: ['blob_cat'],
      refused: [{ file: 'broken.png' }],
    })
    expect(await json(['emoji', 'list'])).toMatchObject([
      { shortcode: 'blob_cat', category: null },
      { shortcode: 'one', category: 'art' },
    ])
    expect(await cli(['emoji', 'add', 'one', join(pictures, 'blob-cat.png')])).toMatchObject({ code: 1 })
    expect(await cli(['emoji', 'add', 'two', join(pictures, 'none.png')])).toMatchObject({ code: 1 })
    expect(await json(['emoji', 'remove', 'one'])).toEqual({ shortcode: 'one' })
    expect(await cli(['emoji', 'remove', 'one'])).toMatchObject({ code: 1 })
    expect(await json(['emoji', 'list'])).toMatchObject([{ shortcode: 'blob_cat' }])
  })
})

test('the other accounts of someone are named, listed and forgotten', async () => {
  await json([
    'account',
    'create',
    'wanderer',
    '--email',
    'wanderer@mail.example',
    '--password',
    'a long password',
  ])
  const old: { uri: string } = z
    .looseObject({ uri: z.string() })
    .parse(
      await json([
        'account',
        'create',
        'settler',
        '--email',
        's@mail.example',
        '--password',
        'a long password',
      ]),
    )
  expect(await json(['account', 'alias', 'wanderer', 'add', '@settler'])).toEqual([
    { uri: old.uri, handle: '@settler' },
  ])
  expect((await cli(['account', 'alias', 'wanderer', 'list'])).out.trim()).toBe('@settler')
  expect(await cli(['account', 'alias', 'wanderer', 'add', 'nobody@nowhere.example'])).toMatchObject({
    code: 1,
  })
  expect(await cli(['account', 'alias', 'wanderer', 'add'])).toMatchObject({ code: 2 })
  expect(await cli(['account', 'alias', 'wanderer', 'befriend', '@settler'])).toMatchObject({ code: 2 })
  expect(await json(['account', 'alias', 'wanderer', 'remove', old.uri])).toEqual([])
})
