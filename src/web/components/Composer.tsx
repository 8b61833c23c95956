import { newToken } from '#src/base/secrets.ts'
import type { Media } from '#src/db/media.ts'
import type { ComposerState } from '../composer-state.ts'
import { type Draft, promptVisibilities, quotePolicies, remixPolicies, visibilities } from '../drafts.ts'
import type { Messages } from '../i18n/en.ts'
import type { Visit } from '../session.ts'
import { BlueskyHint } from './Bluesky.tsx'
import { displayName } from './Names.tsx'
import { NoteCard } from './NoteCard.tsx'
import { PictureImage } from './Picture.tsx'
import { PollFields } from './PollFields.tsx'
import { Badge, madeBy } from './Provenance.tsx'
import { QuotedNote } from './QuoteBox.tsx'
import { Studio } from './Studio.tsx'

export type ComposerFault =
  | 'promptMissing'
  | 'tooLong'
  | 'quotaUsed'
  | 'unavailable'
  | 'uploadFailed'
  | 'blank'
  | 'altMissing'
  | 'poll'
  | 'notQuotable'
  | 'notRemixable'
  | 'moved'
  | 'invalid'

type Props = { visit: Visit; state: ComposerState; fault: ComposerFault | undefined; hasWarned: boolean }

/**
 * Paint on one side, post on the other. A script replaces the parts marked `data-swap` by those of a newer page,
 * so that what is being typed elsewhere stays.
 */
export const Composer = ({ visit, state, fault, hasWarned }: Props) => {
  const { words } = visit
  const { parent, quoted, remixed, generation } = state
  const start = fault ? 'fault' : parent || quoted ? 'text' : generation ? undefined : 'prompt'
  return (
    <>
      <h1>{composerTitle(words, state)}</h1>
      {state.isWelcome && <p class="lead">{words.compose.welcome}</p>}
      {parent && <NoteCard view={parent} visit={visit} />}
      {quoted && <QuotedNote view={quoted} visit={visit} />}
      {remixed && <QuotedNote view={remixed} visit={visit} />}
      <form id="composer" class="composer" method="post" action="/compose" enctype="multipart/form-data">
        {/* What Enter in a text field presses: it must neither paint nor post. */}
        <button type="submit" name="intent" value="keep" hidden />
        <ComposerHidden visit={visit} state={state} hasWarned={hasWarned} />
        <Studio visit={visit} state={state} isStart={start === 'prompt'} />
        <section class="post" aria-labelledby="post-title">
          <h2 id="post-title" class="sr-only">
            {words.compose.post}
          </h2>
          <Chosen visit={visit} state={state} />
          <Caption visit={visit} state={state} isStart={start === 'text'} />
          <BlueskyHint visit={visit} state={state} />
          <PollFields words={words} draft={state.draft} />
          <Options words={words} draft={state.draft} isOpen={state.draft.summary !== ''} />
          <p id="fault" data-swap class="fault" role="alert" tabindex={-1} autofocus={start === 'fault'}>
            {fault && faultWords(words, fault)}
          </p>
          <div class="submit">
            <button type="submit" name="intent" value="discard" class="button quiet">
              {words.compose.discard}
            </button>
            <button type="submit" name="intent" value="post" class="button primary" id="post-button">
              {words.compose.post}
            </button>
          </div>
        </section>
        <p role="status" class="sr-only" id="announcement" />
      </form>
    </>
  )
}

export function composerTitle(words: Messages, { parent, quoted, remixed }: ComposerState): string {
  if (parent) return words.compose.replyTitle(displayName(parent.account))
  if (quoted) return words.quotes.title(displayName(quoted.account))
  return remixed ? words.remixes.title(displayName(remixed.account)) : words.compose.title
}

function faultWords(words: Messages, fault: ComposerFault): string {
  if (fault === 'notQuotable') return words.quotes.notAllowed
  if (fault === 'notRemixable') return words.remixes.notAllowed
  if (fault === 'poll') return words.polls.invalid
  if (fault === 'moved') return words.identity.youMoved
  return fault === 'invalid' ? words.errors.invalid : words.compose[fault]
}

type HiddenProps = { visit: Visit; state: ComposerState; hasWarned: boolean }

const ComposerHidden = ({ visit, state, hasWarned }: HiddenProps) => {
  const { draft, draftId, generation, chosen } = state
  const isChosen = draft.mediaIds !== null || chosen.length > 0
  return (
    <div id="composer-state" data-swap hidden>
      <input type="hidden" name="csrf" value={visit.csrf} />
      <input type="hidden" name="draft" value={draftId} />
      <input type="hidden" name="paint_key" value={newToken(12)} />
      {draft.replyTo && <input type="hidden" name="reply" value={draft.replyTo} />}
      {draft.quoteOf && <input type="hidden" name="quote" value={draft.quoteOf} />}
      {draft.remixOf && <input type="hidden" name="remix" value={draft.remixOf} />}
      {generation && <input type="hidden" name="generation" value={generation.id} />}
      {isChosen && <input type="hidden" name="chosen" value="1" />}
      {chosen.map((media) => (
        <input type="hidden" name="media" value={media.id} />
      ))}
      {hasWarned && <input type="hidden" name="warned" value="1" />}
    </div>
  )
}

/** The pictures that go into the post, each beside its description. */
const Chosen = ({ visit, state }: { visit: Visit; state: ComposerState }) => {
  const { words } = visit
  return (
    <div id="chosen" data-swap class="chosen">
      {state.chosen.map((media) => (
        <div class="chosen-picture">
          <div class="frame">
            <PictureImage media={media} visit={visit} isFirst alt="" />
          </div>
          <div>
            <label for={`alt-${media.id}`}>{words.compose.alt}</label>
            <textarea
              id={`alt-${media.id}`}
              name={`alt-${media.id}`}
              rows={3}
              maxlength={1500}
              aria-describedby={`alt-hint-${media.id}`}
            >
              {draftedAlt(state, media)}
            </textarea>
            <p class="hint" id={`alt-hint-${media.id}`}>
              {words.compose.altHint}
            </p>
            <p class="chosen-foot">
              <Label media={media} visit={visit} />
              <button
                type="submit"
                name="intent"
                value={`unpick:${media.id}`}
                class="button quiet small"
                data-piece
              >
                {words.compose.unpick}
              </button>
            </p>
          </div>
        </div>
      ))}
    </div>
  )
}

const Label = ({ media, visit }: { media: Media; visit: Visit }) => {
  const kind = madeBy(media)
  return kind ? <Badge kind={kind} visit={visit} /> : <span />
}

/** A painted picture shows what was asked for, which is where a description starts. */
function draftedAlt({ draft }: ComposerState, media: Media): string {
  return draft.alts[media.id] ?? (media.description || (media.generation_id ? draft.prompt.trim() : ''))
}

type CaptionProps = { visit: Visit; state: ComposerState; isStart: boolean }

const Caption = ({ visit, state, isStart }: CaptionProps) => (
  <div class="field">
    <label for="text">{visit.words.compose.caption}</label>
    <textarea
      id="text"
      name="text"
      rows={4}
      dir="auto"
      placeholder={visit.words.compose.captionPlaceholder}
      autofocus={isStart}
    >
      {state.draft.text}
    </textarea>
  </div>
)

const Options = ({ words, draft, isOpen }: { words: Messages; draft: Draft; isOpen: boolean }) => (
  <details class="options" open={isOpen}>
    <summary>{words.compose.options}</summary>
    <div class="option-fields">
      <Select
        name="visibility"
        label={words.compose.visibility}
        value={draft.visibility}
        choices={visibilities.map((value) => [value, words.note.visibility[value]])}
      />
      <Select
        name="prompt_visibility"
        label={words.compose.promptVisibility}
        value={draft.promptVisibility}
        choices={promptVisibilities.map((value) => [
          value,
          value === 'hidden' ? words.compose.promptHidden : words.compose.promptPublic,
        ])}
      />
      <Select
        name="remix_policy"
        label={words.compose.remix}
        value={draft.remixPolicy}
        choices={remixPolicies.map((value) => [value, words.provenance.remixPolicy[value]])}
      />
      <Select
        name="quote_policy"
        label={words.quotes.policy}
        value={draft.quotePolicy}
        choices={quotePolicies.map((value) => [value, words.quotes.policies[value]])}
      />
      <div class="field">
        <label for="summary">{words.compose.warning}</label>
        <input
          id="summary"
          name="summary"
          value={draft.summary}
          maxlength={500}
          aria-describedby="summary-hint"
        />
        <p class="hint" id="summary-hint">
          {words.compose.warningHint}
        </p>
      </div>
      <label class="check">
        <input type="checkbox" name="sensitive" value="1" checked={draft.isSensitive} />
        <span>{words.compose.sensitive}</span>
      </label>
    </div>
  </details>
)

type SelectProps = { name: string; label: string; value: string; choices: [value: string, label: string][] }

const Select = ({ name, label, value, choices }: SelectProps) => (
  <div class="field">
    <label for={name}>{label}</label>
    <select id={name} name={name}>
      {choices.map(([choice, text]) => (
        <option value={choice} selected={choice === value}>
          {text}
        </option>
      ))}
    </select>
  </div>
)
