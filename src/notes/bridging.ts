import { countGraphemes } from '#src/base/graphemes.ts'
import type { Visibility } from '#src/db/tables.ts'

// What Bridgy Fed takes over to Bluesky, by its documentation: https://fed.brid.gy/docs#fediverse-what

/** Characters as people count them: what is longer is cut there, with an ellipsis and a link to the original. */
const blueskyCharacters = 300
export const blueskyPictures = 4
/** What the last line takes that says how a picture was made: it must not be the one that is cut. */
const labelCharacters = 20

export function charactersOnBluesky(isLabelled: boolean): number {
  return isLabelled ? blueskyCharacters - labelCharacters : blueskyCharacters
}

/** What keeps a note off Bluesky altogether. */
export type BridgingObstacle = 'notPublic' | 'poll' | 'replyToStranger'
/** What is lost of a note that goes there. */
export type BridgingLoss = 'tooLong' | 'tooManyPictures'
export type Bridging = { isBridged: boolean; reasons: (BridgingObstacle | BridgingLoss)[] }

export type Bridgeable = {
  visibility: Visibility
  /** As plain text, a content warning included. */
  text: string
  /** Whether a line is added that says how its pictures were made. */
  isLabelled: boolean
  pictureCount: number
  hasPoll: boolean
  /** Whom it answers is on Bluesky too; null for what answers nobody. */
  isParentThere: boolean | null
}

/** Whether a note of someone with a bridge will be seen on Bluesky, and what of it not. */
export function whatBridges(note: Bridgeable): Bridging {
  const obstacles: BridgingObstacle[] = []
  if (note.visibility !== 'public') obstacles.push('notPublic')
  if (note.hasPoll) obstacles.push('poll')
  if (note.isParentThere === false) obstacles.push('replyToStranger')
  const losses: BridgingLoss[] = []
  if (countGraphemes(note.text) > charactersOnBluesky(note.isLabelled)) losses.push('tooLong')
  if (note.pictureCount > blueskyPictures) losses.push('tooManyPictures')
  return { isBridged: obstacles.length === 0, reasons: [...obstacles, ...losses] }
}
