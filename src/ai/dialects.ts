import type OpenAI from 'openai'
import type { PaintRequest } from './provider.ts'

type GenerateBody = OpenAI.Images.ImageGenerateParams
type EditBody = OpenAI.Images.ImageEditParams
type OptionalFields = Pick<
  Partial<GenerateBody & EditBody>,
  'n' | 'size' | 'quality' | 'output_format' | 'response_format' | 'safety_identifier' | 'partial_images'
> & { stream?: boolean }

/** What is learned about one provider while it is used; lives as long as the provider does. */
export type Learned = { streams: boolean; edits: boolean; dropped: Set<string> }

export type Dialect = {
  name: 'openai' | 'compat'
  /** Whether to ask for previews before the server was seen to stream. */
  streams: boolean
  prompt(text: string): string
  fields(request: PaintRequest, learned: Learned): OptionalFields
  /** Fields a server may refuse by name: leaving them out asks for the same picture less precisely. */
  droppable: readonly string[]
}

export const openAiDialect: Dialect = {
  name: 'openai',
  streams: true,
  prompt: (text) => text,
  fields: (request, learned) => ({
    n: 1,
    size: sizeText(request),
    output_format: 'png',
    ...(request.quality ? { quality: request.quality } : {}),
    safety_identifier: request.safetyIdentifier,
    ...(learned.streams ? { stream: true, partial_images: 3 } : {}),
  }),
  droppable: ['stream', 'partial_images'],
}

export const compatDialect: Dialect = {
  name: 'compat',
  streams: false,
  prompt: plainPrompt,
  fields: (request) => ({ response_format: 'b64_json', n: 1, size: sizeText(request) }),
  droppable: ['response_format', 'n', 'size'],
}

export function generateBody(
  dialect: Dialect,
  model: string,
  request: PaintRequest,
  learned: Learned,
): GenerateBody {
  return {
    ...without(dialect.fields(request, learned), learned.dropped),
    // Edits have no such field.
    ...(dialect.name === 'openai' ? { moderation: 'auto' } : {}),
    model,
    prompt: dialect.prompt(request.prompt),
  }
}

export function editBody(dialect: Dialect, model: string, request: PaintRequest, learned: Learned): EditBody {
  const files = (request.references ?? []).map(referenceFile)
  const [only] = files
  return {
    ...without(dialect.fields(request, learned), learned.dropped),
    model,
    prompt: dialect.prompt(request.prompt),
    // Compatible servers often know the field `image` but not `image[]`, which the client makes of an array.
    image: only && files.length === 1 ? only : files,
  }
}

/** Which droppable field that was sent does a 400 or 422 complain about? */
export function refusedField(
  dialect: Dialect,
  sent: object,
  complaint: { param?: unknown; message: string },
) {
  return dialect.droppable.find((name) => {
    if (!(name in sent)) return false
    if (complaint.param === name) return true
    // A lone `n` is found in any prose, so it must be quoted. `stream` is often refused as "streaming".
    const pattern = name.length === 1 ? `['"\`]${name}['"\`]` : `\\b${name}(?:ing)?\\b`
    return new RegExp(pattern, 'i').test(complaint.message)
  })
}

/**
 * stable-diffusion.cpp lets `<sd_cpp_extra_args>` in a prompt override every setting, and LocalAI takes what
 * follows a `|` for a negative prompt. People write prose.
 */
export function plainPrompt(text: string): string {
  let plain = text
  for (let before = ''; before !== plain; ) {
    before = plain
    plain = plain
      .replace(/<\s*sd_cpp_extra_args\s*>[\s\S]*?<\s*\/\s*sd_cpp_extra_args\s*>/gi, ' ')
      .replace(/<?\s*\/?\s*sd_cpp_extra_args\s*>?/gi, ' ')
  }
  return plain.replaceAll('|', ',').trim()
}

function sizeText({ size }: PaintRequest): string {
  return `${size.width}x${size.height}`
}

function referenceFile(bytes: Uint8Array, index: number): File {
  const type = bytes[0] === 0xff ? 'jpeg' : bytes[0] === 0x52 ? 'webp' : 'png'
  return new File([new Uint8Array(bytes)], `reference-${index}.${type}`, { type: `image/${type}` })
}

function without<T extends object>(fields: T, names: ReadonlySet<string>): Partial<T> {
  const kept: Partial<T> = { ...fields }
  for (const name in kept) if (names.has(name)) delete kept[name]
  return kept
}
