import { readdir, readFile } from 'node:fs/promises'
import { basename, extname, join } from 'node:path'
import type { Command } from 'commander'
import { AppError, isAppError } from '#src/base/errors.ts'
import { listOwnEmojis } from '#src/db/custom-emojis.ts'
import { addEmoji, removeEmoji } from '#src/media/emojis.ts'
import { UPLOAD_MAX_BYTES } from '#src/media/picture.ts'
import { createPictureProcessor, type PictureProcessor } from '#src/media/process.ts'
import { type Cli, perform } from './command.ts'
import type { CommandApp } from './context.ts'

type Categorised = { category?: string }

export function addEmojiCommands(program: Command, cli: Cli): void {
  const emoji = program.command('emoji').description('small pictures that people write as :shortcode:')
  emoji
    .command('add')
    .argument('<shortcode>', '2 to 64 letters, digits and _')
    .argument('<file>', 'a PNG, WebP, GIF, JPEG or AVIF picture; of an animation the first frame is kept')
    .option('--category <name>', 'under which it stands in pickers')
    .description('add an emoji, at most 128 pixels large')
    .action((shortcode: string, file: string, options: Categorised, command: Command) =>
      perform(cli, command, (app) =>
        withPictures(async (pictures) => {
          const { category = null } = options
          await add({ ...app, pictures }, { shortcode, file, category })
          return { text: `:${shortcode}: is added`, json: { shortcode } }
        }),
      ),
    )
  emoji
    .command('import')
    .argument('<folder>', 'its pictures are added under their file names')
    .option('--category <name>', 'under which they stand in pickers')
    .description('add all pictures of a folder')
    .action((folder: string, options: Categorised, command: Command) =>
      perform(cli, command, (app) =>
        withPictures((pictures) => addAll({ ...app, pictures }, folder, options.category ?? null)),
      ),
    )
  addListAndRemove(emoji, cli)
}

function addListAndRemove(emoji: Command, cli: Cli): void {
  emoji
    .command('list')
    .description('the emoji of this server')
    .action((_options: unknown, command: Command) =>
      perform(cli, command, async ({ db, storage }) => {
        const emojis = (await listOwnEmojis(db)).map(({ shortcode, category, file_key }) => ({
          shortcode,
          category,
          url: storage.urlOf(file_key),
        }))
        const lines = emojis.map(
          ({ shortcode, category }) => `:${shortcode}:${category ? `  ${category}` : ''}`,
        )
        return { text: lines.join('\n') || 'There are none', json: emojis }
      }),
    )
  emoji
    .command('remove')
    .argument('<shortcode>')
    .description('remove an emoji; what was written with it shows its name')
    .action((shortcode: string, _options: unknown, command: Command) =>
      perform(cli, command, async ({ db }) => {
        await removeEmoji({ db }, shortcode, null)
        return { text: `:${shortcode}: is removed`, json: { shortcode } }
      }),
    )
}

async function withPictures<T>(work: (pictures: PictureProcessor) => Promise<T>): Promise<T> {
  const pictures = createPictureProcessor()
  try {
    return await work(pictures)
  } finally {
    await pictures.close()
  }
}

type Adding = CommandApp & { pictures: PictureProcessor }
type Given = { shortcode: string; file: string; category: string | null }

async function add(app: Adding, { shortcode, file, category }: Given): Promise<void> {
  const bytes = await readFile(file)
  if (bytes.byteLength > UPLOAD_MAX_BYTES) throw new AppError('invalid', `${file} is too large`)
  await addEmoji(app, { shortcode, bytes, category, addedBy: null })
}

/** One that cannot be used does not hold up the others; the command fails only when none could. */
async function addAll(app: Adding, folder: string, category: string | null) {
  const added: string[] = []
  const refused: { file: string; reason: string }[] = []
  for (const name of (await readdir(folder)).sort()) {
    if (!/^\.(?:png|webp|gif|jpe?g|avif)$/i.test(extname(name))) continue
    const shortcode = basename(name, extname(name)).replace(/-/g, '_')
    try {
      await add(app, { shortcode, file: join(folder, name), category })
      added.push(shortcode)
    } catch (error) {
      if (!isAppError(error)) throw error
      refused.push({ file: name, reason: error.message })
    }
  }
  const lines = refused.map(({ file, reason }) => `${file}: ${reason}`)
  return {
    text: [`${added.length} added`, ...lines].join('\n'),
    json: { added, refused },
    hasFailed: added.length === 0,
  }
}
