import { featureTag, unfeatureTag } from '#src/accounts/featured-tags.ts'
import { profileLimits, updateProfile } from '#src/accounts/profile.ts'
import { isAppError, notFound } from '#src/base/errors.ts'
import { type FeaturedTag, listFeaturedTags } from '#src/db/featured-tags.ts'
import { Fault } from '../components/Fault.tsx'
import { Hidden } from '../components/Hidden.tsx'
import { SettingHead } from '../components/SettingHead.tsx'
import { textOf } from '../forms.ts'
import { renderPage } from '../layout.tsx'
import { idParam, type PageContext, requireViewer, type Visit } from '../session.ts'

type Field = { name: string; value: string }
type Wrong = { where: 'fields' | 'tags'; text: string }

/** The links, facts and hashtags on one's profile. */
export const detailsPage = (c: PageContext) => showDetails(c, requireViewer(c).account.fields)

async function showDetails(c: PageContext, fields: Field[], wrong?: Wrong) {
  const { visit } = c.var
  const { account } = requireViewer(c)
  const tags = await listFeaturedTags(visit.app.db, account.id)
  const { details } = visit.words.identity
  return renderPage(c, {
    title: details.title,
    status: wrong ? 422 : 200,
    children: (
      <>
        <SettingHead
          title={details.title}
          visit={visit}
          isSaved={c.req.query('saved') !== undefined && !wrong}
        />
        <FieldsForm fields={fields} profileUrl={account.url} visit={visit} fault={faultIn('fields', wrong)} />
        <TagsSection tags={tags} visit={visit} fault={faultIn('tags', wrong)} />
      </>
    ),
  })
}

const faultIn = (where: Wrong['where'], wrong: Wrong | undefined) =>
  wrong?.where === where ? wrong.text : undefined

const places = Array.from({ length: profileLimits.fields }, (_, place) => place)

type FieldsProps = { fields: Field[]; profileUrl: string; visit: Visit; fault: string | undefined }

const FieldsForm = ({ fields, profileUrl, visit, fault }: FieldsProps) => {
  const { details } = visit.words.identity
  return (
    <form class="setting-form" method="post" action="/settings/details" aria-labelledby="fields-title">
      <h2 id="fields-title">{details.fields}</h2>
      <p class="hint">
        {details.fieldsHint} <code>{`<a rel="me" href="${profileUrl}">`}</code>
      </p>
      <Hidden visit={visit} />
      <Fault text={fault} />
      {/* Each field has its own name for those who hear it. */}
      <div class="field-pair" aria-hidden="true">
        <span>{details.labels}</span>
        <span>{details.contents}</span>
      </div>
      {places.map((place) => (
        <div class="field-pair">
          <input
            name={`name-${place}`}
            value={fields[place]?.name ?? ''}
            maxlength={profileLimits.fieldName}
            aria-label={details.label(place + 1)}
            dir="auto"
          />
          <input
            name={`value-${place}`}
            value={fields[place]?.value ?? ''}
            maxlength={profileLimits.fieldValue}
            aria-label={details.content(place + 1)}
            dir="auto"
          />
        </div>
      ))}
      <button type="submit" class="button primary">
        {visit.words.settings.save}
      </button>
    </form>
  )
}

type TagsProps = { tags: FeaturedTag[]; visit: Visit; fault: string | undefined }

const TagsSection = ({ tags, visit, fault }: TagsProps) => {
  const { identity } = visit.words
  const { details } = identity
  return (
    <section class="setting-form" aria-labelledby="tags-title">
      <h2 id="tags-title">{identity.tags}</h2>
      <p class="hint">{details.tagsHint}</p>
      {tags.map(({ id, name }) => (
        <form class="inline-form" method="post" action={`/settings/details/tags/${id}/remove`}>
          <Hidden visit={visit} />
          <bdi>#{name}</bdi>
          <button type="submit" class="button small" aria-label={details.removeTag(name)}>
            {visit.words.settings.remove}
          </button>
        </form>
      ))}
      <form method="post" action="/settings/details/tags">
        <Hidden visit={visit} />
        <Fault text={fault} />
        <div class="field">
          <label for="tag">{details.tag}</label>
          <input id="tag" name="tag" required autocapitalize="none" maxlength={100} dir="auto" />
        </div>
        <button type="submit" class="button">
          {details.addTag}
        </button>
      </form>
    </section>
  )
}

export async function saveDetails(c: PageContext) {
  const { visit, form } = c.var
  const { account } = requireViewer(c)
  const fields = places.map((place) => ({
    name: textOf(form, `name-${place}`),
    value: textOf(form, `value-${place}`),
  }))
  try {
    await updateProfile(visit.app, account.id, { fields })
  } catch (error) {
    if (!isAppError(error) || error.kind !== 'invalid') throw error
    return showDetails(c, fields, { where: 'fields', text: visit.words.identity.details.tooLong })
  }
  return c.redirect('/settings/details?saved', 303)
}

export async function addFeaturedTag(c: PageContext) {
  const { visit, form } = c.var
  const { account } = requireViewer(c)
  try {
    await featureTag(visit.app, account.id, textOf(form, 'tag'))
  } catch (error) {
    if (!isAppError(error) || error.kind !== 'invalid') throw error
    const text = visit.words.identity.details.tagInvalid
    return showDetails(c, account.fields, { where: 'tags', text })
  }
  return c.redirect('/settings/details?saved', 303)
}

export async function removeFeaturedTag(c: PageContext) {
  const { account } = requireViewer(c)
  if (!(await unfeatureTag(c.var.visit.app, account.id, { id: idParam(c) }))) throw notFound()
  return c.redirect('/settings/details?saved', 303)
}
