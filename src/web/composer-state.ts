import type { Media } from '#src/db/media.ts'
import type { NoteView } from '#src/notes/view.ts'
import type { ImagesOffer } from '#src/studio/capabilities.ts'
import type { Quota } from '#src/studio/quota.ts'
import type { GenerationView } from '#src/studio/view.ts'
import type { Draft } from './drafts.ts'

/** What the composer shows, in all its parts. */
export type ComposerState = {
  draftId: string
  draft: Draft
  generation: GenerationView | undefined
  /** What will be posted. */
  chosen: Media[]
  /** What this answers. */
  parent: NoteView | undefined
  /** What this quotes. */
  quoted: NoteView | undefined
  /** From whose picture this is painted. */
  remixed: NoteView | undefined
  images: ImagesOffer
  quota: Quota | null
  /** For someone whose notes go to Bluesky. */
  bluesky: { isParentThere: boolean } | undefined
  /** For someone who has just come in. */
  isWelcome: boolean
}
