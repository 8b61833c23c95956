import { createReadStream, createWriteStream, existsSync, renameSync, rmSync } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createGzip } from 'node:zlib'
import type { Command } from 'commander'
import { z } from 'zod'
import { AppError } from '#src/base/errors.ts'
import { replaceSecretKey } from '#src/base/secret-key.ts'
import {
  type Chunk,
  countConnections,
  dumpTables,
  isEmpty,
  listFileKeys,
  listMigrations,
  replaceTables,
} from '#src/db/dump.ts'
import { isMediaKey } from '#src/media/storage.ts'
import { type Cli, perform } from './command.ts'
import type { CommandApp } from './context.ts'
import { readTar, type TarFile, tarEnd, tarEntry } from './tar.ts'

const forceOption = z.object({ force: z.boolean().default(false) })

const manifestSchema = z.object({
  format: z.literal('pinxit-backup-1'),
  createdAt: z.string(),
  publicUrl: z.string(),
  migrations: z.array(z.string()),
})

export function addBackupCommands(program: Command, cli: Cli): void {
  program
    .command('backup')
    .description('write everything worth keeping to one file, while the server runs or not')
    .argument('<file>', 'a .tar.gz; it holds keys and addresses, so keep it safe')
    .option('--force', 'overwrite the file')
    .action((file: string, options: unknown, command: Command) =>
      perform(cli, command, async (app) => {
        if (existsSync(file) && !forceOption.parse(options).force) {
          throw new AppError('conflict', `${file} exists; --force overwrites it`)
        }
        const counts = await backUp(app, file)
        return {
          text: `${counts.rows} rows and ${counts.files} files are in ${file}`,
          json: { file, ...counts },
        }
      }),
    )
  program
    .command('restore')
    .description('put a backup in the place of this server; the server must not run')
    .argument('<file>')
    .option('--force', 'overwrite what is here')
    .action((file: string, options: unknown, command: Command) =>
      perform(cli, command, async (app) => {
        const counts = await restore(app, file, forceOption.parse(options).force)
        return { text: `${counts.rows} rows and ${counts.files} files are back`, json: { file, ...counts } }
      }),
    )
}

type Counts = { rows: number; files: number }

async function backUp(app: CommandApp, file: string): Promise<Counts> {
  const draft = `${file}.part`
  const gzip = createGzip({ level: 4 })
  const written = pipeline(gzip, createWriteStream(draft, { mode: 0o600 }))
  // It is awaited at the end; until then a full disk must not end the process.
  written.catch(() => undefined)
  const put = async (entry: Uint8Array): Promise<void> => {
    if (gzip.write(entry)) return
    await Promise.race([new Promise((resolve) => gzip.once('drain', resolve)), written])
  }
  try {
    const counts = await putEverything(app, (entry) => put(tarEntry(entry)))
    gzip.end(tarEnd())
    await written
    renameSync(draft, file)
    return counts
  } catch (error) {
    gzip.destroy()
    rmSync(draft, { force: true })
    throw error
  }
}

async function putEverything(app: CommandApp, put: (file: TarFile) => Promise<void>): Promise<Counts> {
  const counts = { rows: 0, files: 0 }
  const manifest: z.infer<typeof manifestSchema> = {
    format: 'pinxit-backup-1',
    createdAt: app.clock.now().toISOString(),
    publicUrl: app.publicUrl,
    migrations: await listMigrations(app.db),
  }
  await put({ name: 'manifest.json', bytes: Buffer.from(JSON.stringify(manifest)) })
  await put({ name: 'secret-key', bytes: Buffer.from(app.secretKey) })
  let chunks = 0
  // The rows before the files: whatever a row speaks of is then there, but for what was deleted since.
  await dumpTables(app.db, async ({ table, rows }) => {
    counts.rows += rows.length
    chunks++
    const name = `tables/${String(chunks).padStart(6, '0')}-${table}.jsonl`
    await put({ name, bytes: Buffer.from(rows.join('\n')) })
  })
  for (const key of await listFileKeys(app.db)) {
    const media = await app.storage.get(key)
    if (!media) continue
    counts.files++
    await put({ name: `media/${key}`, bytes: Buffer.from(await new Response(media.stream).arrayBuffer()) })
  }
  return counts
}

async function restore(app: CommandApp, file: string, isForced: boolean): Promise<Counts> {
  if (!isForced && !(await isEmpty(app.db))) {
    throw new AppError('conflict', 'People live on this server; --force puts the backup in their place')
  }
  if ((await countConnections(app.db)) > app.pool.totalCount) {
    throw new AppError('conflict', 'A server runs over this database; stop it first')
  }
  const restored: Restored = { counts: { rows: 0, files: 0 } }
  await replaceTables(app.db, unpack(app, file, restored))
  // Not before the rows it opens are here for good: a backup that breaks off must not cost a server its own secret.
  if (restored.secretKey !== undefined) replaceSecretKey(app.config.dataDir, restored.secretKey)
  return restored.counts
}

/** What a backup held; the secret only where it is to be kept in DATA_DIR. */
type Restored = { counts: Counts; secretKey?: string }

// Files are put in place on the way; the rows, which make them count, take effect all at the end.
async function* unpack(app: CommandApp, file: string, restored: Restored): AsyncGenerator<Chunk> {
  const { counts } = restored
  let isKnown = false
  for await (const { name, bytes } of openBackup(file)) {
    const text = () => Buffer.from(bytes).toString('utf8')
    if (name === 'manifest.json') {
      await checkManifest(app, text())
      isKnown = true
    } else if (!isKnown) {
      throw new AppError('invalid', `${file} is not a backup of Pinxit`)
    } else if (name === 'secret-key') {
      if (app.config.secretKey === undefined) restored.secretKey = text()
      else checkSameSecret(app.config.secretKey, text())
    } else if (name.startsWith('media/')) {
      counts.files += await restoreFile(app, name.slice('media/'.length), bytes)
    } else {
      const table = /^tables\/\d+-([a-z_]+)\.jsonl$/.exec(name)?.[1]
      const rows = text().split('\n')
      counts.rows += rows.length
      if (table) yield { table, rows }
    }
  }
  if (!isKnown) throw new AppError('invalid', `${file} is not a backup of Pinxit`)
}

function openBackup(file: string): AsyncIterable<TarFile> {
  const gunzip = createGunzip()
  const source = createReadStream(file)
  source.on('error', (error) => gunzip.destroy(error))
  return readTar(Readable.from(source.pipe(gunzip)))
}

async function checkManifest(app: CommandApp, text: string): Promise<void> {
  const manifest = manifestSchema.safeParse(JSON.parse(text)).data
  if (!manifest) throw new AppError('invalid', 'This is not a backup of Pinxit')
  const here = await listMigrations(app.db)
  if (manifest.migrations.join() !== here.join()) {
    throw new AppError(
      'conflict',
      `The backup is of another version of Pinxit (${manifest.migrations.at(-1)}; here is ${here.at(-1)}). ` +
        'Restore it with that version, then upgrade.',
    )
  }
}

function checkSameSecret(own: string, ofBackup: string): void {
  if (own === ofBackup) return
  throw new AppError('conflict', 'SECRET_KEY is not that of the backup; set it to that or leave it out')
}

async function restoreFile(app: CommandApp, key: string, bytes: Uint8Array): Promise<number> {
  if (!isMediaKey(key)) return 0
  await app.storage.put(key, bytes)
  return 1
}
