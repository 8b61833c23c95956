import { isAppError } from '#src/base/errors.ts'
import { listOwnEmojis, type OwnEmoji } from '#src/db/custom-emojis.ts'
import { addEmoji, removeEmoji } from '#src/media/emojis.ts'
import { Fault } from '../components/Fault.tsx'
import { Hidden } from '../components/Hidden.tsx'
import { SettingHead } from '../components/SettingHead.tsx'
import { fileOf, textOf } from '../forms.ts'
import { renderPage } from '../layout.tsx'
import { type PageContext, requireAdmin, type Visit } from '../session.ts'

const path = '/admin/emojis'

/** The emoji of this server, for those who run it. */
export async function emojisPage(c: PageContext) {
  requireAdmin(c)
  return showEmojis(c)
}

export async function saveEmoji(c: PageContext) {
  const { account } = requireAdmin(c)
  const { visit, form } = c.var
  const shortcode = textOf(form, 'shortcode')
    .trim()
    .replace(/^:(.*):$/, '$1')
  const category = textOf(form, 'category').trim() || null
  const bytes = new Uint8Array((await fileOf(form, 'file')?.arrayBuffer()) ?? [])
  try {
    await addEmoji(visit.app, { shortcode, category, bytes, addedBy: account.id })
  } catch (error) {
    if (!isAppError(error) || error.kind !== 'invalid') throw error
    return showEmojis(c, { code: error.code ?? '', shortcode })
  }
  return c.redirect(path, 303)
}

export async function dropEmoji(c: PageContext) {
  const { account } = requireAdmin(c)
  const { visit, form } = c.var
  await removeEmoji(visit.app, textOf(form, 'shortcode'), account.id)
  return c.redirect(path, 303)
}

type Refusal = { code: string; shortcode: string }

const isNamed = (code: string) => code === 'taken' || code === 'shortcode'

async function showEmojis(c: PageContext, refusal?: Refusal) {
  const { visit } = c.var
  const words = visit.words.emojis
  const emojis = await listOwnEmojis(visit.app.db)
  return renderPage(c, {
    title: words.title,
    status: refusal ? 422 : 200,
    children: (
      <>
        <SettingHead title={words.title} visit={visit} />
        <p class="hint">{words.explain}</p>
        <AddForm visit={visit} refusal={refusal} />
        {emojis.length === 0 ? (
          <p class="empty">{words.none}</p>
        ) : (
          <ul class="emoji-list">
            {emojis.map((emoji) => (
              <li>
                <Listed emoji={emoji} visit={visit} />
              </li>
            ))}
          </ul>
        )}
      </>
    ),
  })
}

const AddForm = ({ visit, refusal }: { visit: Visit; refusal: Refusal | undefined }) => {
  const words = visit.words.emojis
  return (
    <form class="setting-form" method="post" action={path} enctype="multipart/form-data">
      <Hidden visit={visit} back={path} />
      <Fault text={refusal && words.refused[isNamed(refusal.code) ? refusal.code : 'file']} />
      <div class="field">
        <label for="shortcode">{words.shortcode}</label>
        <input
          id="shortcode"
          name="shortcode"
          required
          maxlength={66}
          autocapitalize="none"
          autocomplete="off"
          aria-describedby="shortcode-hint"
          value={refusal?.shortcode ?? ''}
        />
        <p class="hint" id="shortcode-hint">
          {words.shortcodeHint}
        </p>
      </div>
      <div class="field">
        <label for="category">{words.category}</label>
        <input id="category" name="category" maxlength={50} />
      </div>
      <div class="field">
        <label for="file">{words.file}</label>
        <input
          id="file"
          name="file"
          type="file"
          required
          accept="image/png,image/webp,image/gif,image/jpeg,image/avif"
          aria-describedby="file-hint"
        />
        <p class="hint" id="file-hint">
          {words.fileHint}
        </p>
      </div>
      <button type="submit" class="button primary">
        {words.add}
      </button>
    </form>
  )
}

const Listed = ({ emoji, visit }: { emoji: OwnEmoji; visit: Visit }) => (
  <form method="post" action={`${path}/remove`}>
    <Hidden visit={visit} back={path} />
    <input type="hidden" name="shortcode" value={emoji.shortcode} />
    <img class="emoji large" src={visit.app.storage.urlOf(emoji.file_key)} alt="" loading="lazy" />
    <code>:{emoji.shortcode}:</code>
    {emoji.category && <span class="hint">{emoji.category}</span>}
    <button type="submit" class="button small" aria-label={visit.words.emojis.removeOne(emoji.shortcode)}>
      {visit.words.settings.remove}
    </button>
  </form>
)
