import { escapeHtml } from '#src/base/html.ts'
import type { Media } from '#src/db/media.ts'
import type { Note } from '#src/db/notes.ts'
import type { RemixPolicy } from '#src/db/tables.ts'
import { digitalSourceTypes, isDigitalSourceType } from '#src/media/provenance.ts'
import type { RemoteAttachment } from '#src/notes/draft.ts'
import type { NoteView } from '#src/notes/view.ts'
import { as, linksOf, type Node, nodesOf, textOf, textsOf } from '../remote/linked-data.ts'
import type { Server } from './account.ts'
import { type JsonObject, provenanceNamespace } from './vocabulary.ts'

// What a picture is and where it comes from, as docs/fep-provenance.md says.

const activityStreamsType = 'application/ld+json; profile="https://www.w3.org/ns/activitystreams"'

const namesOfTypes: Record<string, string> = {
  [digitalSourceTypes.painting]: 'AI-generated',
  [digitalSourceTypes.editedPhotograph]: 'Edited with AI',
  [digitalSourceTypes.sketch]: 'Sketch, not AI',
}

/** The properties of an attachment; none for a picture nobody declared anything about. */
export function toMediaProvenance(media: Media, promptVisibility: Note['prompt_visibility']): JsonObject {
  const { digital_source_type: type, generator_name: name, generator_url: url, prompt } = media
  if (type === null) return {}
  const isPromptShared = promptVisibility === 'public' && prompt !== null
  return {
    ...(name !== null && { generator: { type: 'Application', name, ...(url !== null && { url }) } }),
    ...(isPromptShared && { source: { content: prompt, mediaType: 'text/plain' } }),
    tag: [
      {
        type: 'Link',
        href: type,
        rel: `${provenanceNamespace}digitalSourceType`,
        name: namesOfTypes[type] ?? 'Digital source type',
      },
    ],
  }
}

/**
 * The links of a note with a picture of ours in it: what it was made from, and what others may make of it. Both have the
 * media type of FEP-e232, since Pleroma drops a note with a `Link` of another or none.
 */
export function toNoteProvenance(note: Note, media: readonly Media[]): JsonObject[] {
  if (!media.some(isMade)) return []
  const policy = {
    type: 'Link',
    href: `${provenanceNamespace}${note.remix_policy}`,
    mediaType: activityStreamsType,
    rel: `${provenanceNamespace}remixPolicy`,
  }
  if (note.remix_of_uri === null) return [policy]
  const parent = {
    type: 'Link',
    href: note.remix_of_uri,
    mediaType: activityStreamsType,
    rel: `${provenanceNamespace}remixOf`,
    name: 'Remix of',
  }
  // In this order: Pleroma takes the first such link of a note that quotes nothing for a quote.
  return [parent, policy]
}

const isMade = (media: Media): boolean => media.digital_source_type !== null
const isByAi = (media: Media): boolean =>
  media.digital_source_type === digitalSourceTypes.painting ||
  media.digital_source_type === digitalSourceTypes.editedPhotograph

export const labelClass = 'provenance-label'
export const aiTagName = 'AIart'

type Line = { html: string; tagName: string | undefined }

/**
 * The last line for servers that show no provenance: whose picture this one was made from, what it is, and the hashtag
 * of that. Pinxit servers know it by its class and leave it out.
 * @param isLabelled whether the operator wants the second; credit is given in any case
 */
export function toProvenanceLine(
  view: Pick<NoteView, 'note' | 'media' | 'remixOf'>,
  { isLabelled, server }: { isLabelled: boolean; server: Pick<Server, 'uris' | 'handleHost'> },
): Line | undefined {
  const credit = view.media.some(isMade) ? toCredit(view, server) : undefined
  const label = isLabelled ? labelOf(view.media, server.uris.tagPage) : undefined
  if (!credit && !label) return undefined
  const words = [credit, label?.html].filter((part) => part !== undefined).join('<br>')
  return { html: `<p class="${labelClass}">${words}</p>`, tagName: label?.tagName }
}

/** The mention in it is a link of the same kind as those in the text, and a Mention tag goes with it. */
function toCredit(
  { note, remixOf }: Pick<NoteView, 'note' | 'remixOf'>,
  { handleHost }: Pick<Server, 'handleHost'>,
): string | undefined {
  if (note.remix_of_uri === null) return undefined
  const parent = remixOf?.state === 'available' ? remixOf.view : undefined
  const page = escapeHtml(parent?.note.url ?? note.remix_of_uri)
  const picture = `Remix of <a href="${page}">a picture</a>`
  if (!parent) return picture
  const { username, domain, url } = parent.account
  const handle = escapeHtml(`${username}@${domain ?? handleHost}`)
  const author = `<a href="${escapeHtml(url)}" class="u-url mention">@<span>${handle}</span></a>`
  return `${picture} by <span class="h-card">${author}</span>`
}

function labelOf(media: readonly Media[], tagUrl: (name: string) => string): Line | undefined {
  if (media.some(isByAi)) {
    const href = escapeHtml(tagUrl(aiTagName))
    const tag = `<a href="${href}" class="mention hashtag" rel="tag">#<span>${aiTagName}</span></a>`
    return { html: `AI-generated picture ${tag}`, tagName: aiTagName }
  }
  if (media.some((one) => one.digital_source_type === digitalSourceTypes.sketch))
    return { html: 'Sketch, not AI', tagName: undefined }
  return undefined
}

type MediaProvenance = Pick<
  RemoteAttachment,
  'digital_source_type' | 'generator_name' | 'generator_url' | 'prompt'
>

const maxNameLength = 200
const maxPromptLength = 4_000

/** What an incoming attachment says of its making; a type that we do not know says nothing. */
export function mediaProvenanceFrom(attachment: Node): MediaProvenance {
  const type = relatedFrom(attachment, 'digitalSourceType')
  if (!isDigitalSourceType(type)) return {}
  const [generator] = nodesOf(attachment, as('generator'))
  const [source] = nodesOf(attachment, as('source'))
  return {
    digital_source_type: type,
    generator_name: (generator && textOf(generator, as('name')))?.slice(0, maxNameLength) ?? null,
    generator_url: (generator && linksOf(generator, as('url'))[0]?.href) ?? null,
    prompt: (source && textOf(source, as('content')))?.slice(0, maxPromptLength) ?? null,
  }
}

const policies: readonly RemixPolicy[] = ['nobody', 'followers', 'anyone']

export function noteProvenanceFrom(note: Node): { remixPolicy: RemixPolicy; remixOfUri: string | null } {
  const policy = relatedFrom(note, 'remixPolicy')
  return {
    remixPolicy: policies.find((one) => `${provenanceNamespace}${one}` === policy) ?? 'nobody',
    remixOfUri: relatedFrom(note, 'remixOf') ?? null,
  }
}

/** Where the Link among a node's tags leads that bears one of our relations. */
function relatedFrom(node: Node, relation: string): string | undefined {
  const wanted = `${provenanceNamespace}${relation}`
  return linksOf(node, as('tag')).find((link) =>
    textsOf(link.node, as('rel')).some(({ text }) => text === wanted),
  )?.href
}

/** A note's HTML without the line that says the same as its attachments do. */
export function withoutLabel(html: string): string {
  const start = html.lastIndexOf(`<p class="${labelClass}">`)
  if (start < 0) return html
  const end = html.indexOf('</p>', start)
  return end < 0 ? html : html.slice(0, start) + html.slice(end + '</p>'.length)
}
