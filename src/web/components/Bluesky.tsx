import type { Account } from '#src/db/accounts.ts'
import { type Bridging, charactersOnBluesky, whatBridges } from '#src/notes/bridging.ts'
import { bridgedHandleOf } from '#src/relationships/bluesky.ts'
import type { ComposerState } from '../composer-state.ts'
import { pollFormOf } from '../drafts.ts'
import type { Visit } from '../session.ts'
import { madeBy } from './Provenance.tsx'

export const BlueskyLink = ({ handle, children }: { handle: string; children: unknown }) => (
  <a href={`https://bsky.app/profile/${handle}`} rel="nofollow noopener noreferrer" target="_blank">
    {children}
  </a>
)

/** Says of someone whom the bridge brought here that they are on Bluesky, and where. */
export const BlueskyMark = ({ account, visit }: { account: Account; visit: Visit }) => {
  const handle = bridgedHandleOf(account)
  if (handle === undefined) return null
  const label = visit.words.bluesky.person(handle)
  return (
    <span class="bluesky-mark">
      <BlueskyLink handle={handle}>
        <span title={label} aria-hidden="true">
          Bluesky
        </span>
        <span class="sr-only">{label}</span>
      </BlueskyLink>
    </span>
  )
}

/** Under the caption: whether this goes to Bluesky too. A script keeps the length in mind while one types. */
export const BlueskyHint = ({ visit, state }: { visit: Visit; state: ComposerState }) => {
  if (!state.bluesky) return null
  const { hint } = visit.words.bluesky
  const { isBridged, reasons } = bridgingOf(state)
  return (
    <p
      class="hint"
      id="bluesky-hint"
      data-characters={charactersOnBluesky(isLabelled(state))}
      data-goes={hint.goes}
      data-too-long={hint.tooLong}
      data-not-public={hint.notPublic}
      data-is-fixed={!isBridged && !reasons.includes('notPublic') ? '1' : undefined}
    >
      {reasons[0] ? hint[reasons[0]] : hint.goes}
    </p>
  )
}

const isLabelled = ({ chosen }: ComposerState): boolean => chosen.some((media) => madeBy(media) !== undefined)

function bridgingOf(state: ComposerState): Bridging {
  const { draft, chosen, parent, bluesky } = state
  return whatBridges({
    visibility: draft.visibility,
    text: [draft.summary, draft.text].filter((text) => text !== '').join('\n\n'),
    isLabelled: isLabelled(state),
    pictureCount: chosen.length,
    hasPoll: pollFormOf(draft) !== null,
    isParentThere: parent ? (bluesky?.isParentThere ?? false) : null,
  })
}
