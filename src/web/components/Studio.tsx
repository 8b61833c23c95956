import type { GenerationView } from '#src/studio/view.ts'
import type { ComposerState } from '../composer-state.ts'
import { aspects, counts, styles } from '../drafts.ts'
import type { Messages } from '../i18n/en.ts'
import type { Visit } from '../session.ts'
import { Icon } from './Icon.tsx'
import { PictureImage } from './Picture.tsx'
import { Badge, madeBy } from './Provenance.tsx'

type Props = { visit: Visit; state: ComposerState }
/** `isStart`: whether writing begins in the prompt. */
type StudioProps = Props & { isStart: boolean }

/** The prompt and what became of it. */
export const Studio = ({ visit, state, isStart }: StudioProps) => {
  const { words } = visit
  return (
    <section class="studio" aria-labelledby="studio-title">
      <h2 id="studio-title" class="sr-only">
        {words.compose.paint}
      </h2>
      <Easel visit={visit} state={state} />
      <Prompt visit={visit} state={state} isStart={isStart} />
      <div class="upload">
        <label for="file">{words.compose.upload}</label>
        <input
          type="file"
          id="file"
          name="file"
          accept="image/jpeg,image/png,image/webp,image/gif,image/avif"
        />
        <button type="submit" name="intent" value="upload" class="button small" data-piece>
          {words.compose.uploadButton}
        </button>
      </div>
    </section>
  )
}

const Prompt = ({ visit, state, isStart }: StudioProps) => {
  const { words } = visit
  const { draft, images, isWelcome, generation } = state
  const counted = counts.filter((n) => Number(n) <= Math.max(1, images.maxCount))
  return (
    <div class="prompt">
      <div class="field">
        <label for="prompt">{words.compose.prompt}</label>
        <textarea
          id="prompt"
          name="prompt"
          rows={3}
          maxlength={4000}
          dir="auto"
          placeholder={words.compose.promptPlaceholder}
          autofocus={isStart}
          disabled={!images.available}
        >
          {draft.prompt || (isWelcome ? words.compose.ready : '')}
        </textarea>
      </div>
      <Chips
        name="aspect"
        legend={words.compose.aspect}
        value={draft.aspect}
        choices={aspects.map((value) => [value, words.compose.aspects[value]])}
      />
      <Chips
        name="style"
        legend={words.compose.style}
        value={draft.style}
        choices={styles.map((value) => [value, words.compose.styles[value]])}
      />
      <div class="paint-line">
        <Chips
          name="count"
          legend={words.compose.count}
          value={draft.count}
          choices={counted.map((value) => [value, value])}
        />
        <button
          type="submit"
          name="intent"
          value="paint"
          class="button primary"
          id="paint-button"
          data-piece
          disabled={!images.available}
        >
          <Icon name="brush" />
          {generation ? words.compose.paintAgain : words.compose.paint}
        </button>
      </div>
      <Offer words={words} state={state} />
    </div>
  )
}

const Offer = ({ words, state }: { words: Messages; state: ComposerState }) => {
  const { images, quota } = state
  if (!images.available) return <p class="hint">{words.compose.unavailable}</p>
  return (
    <>
      {!images.isAi && <p class="hint">{words.compose.sketchNote}</p>}
      {quota && <p class="hint">{words.compose.remaining(quota.remaining)}</p>}
    </>
  )
}

type ChipsProps = { name: string; legend: string; value: string; choices: [value: string, label: string][] }

const Chips = ({ name, legend, value, choices }: ChipsProps) => (
  <fieldset class="chips">
    <legend>{legend}</legend>
    {choices.map(([choice, label]) => (
      <label class="chip">
        <input type="radio" name={name} value={choice} checked={choice === value} />
        <span>{label}</span>
      </label>
    ))}
  </fieldset>
)

/** Where the pictures come about: empty, being painted, ready to choose from, or failed. */
const Easel = ({ visit, state }: Props) => {
  const { words } = visit
  const { generation } = state
  const isUnderWay = generation?.state === 'queued' || generation?.state === 'running'
  return (
    <div
      id="easel"
      data-swap
      class="easel"
      data-generation={isUnderWay ? generation.id : undefined}
      data-announce={announcement(words, generation)}
    >
      {generation && isUnderWay && <Painting words={words} generation={generation} />}
      {generation?.state === 'completed' && <Results visit={visit} state={state} generation={generation} />}
      {generation?.state === 'failed' && <Failure words={words} generation={generation} />}
      {generation?.state === 'cancelled' && <p class="notice">{words.compose.cancelled}</p>}
    </div>
  )
}

function announcement({ compose }: Messages, generation: GenerationView | undefined): string | undefined {
  if (!generation) return undefined
  if (generation.state === 'completed') return compose.done(generation.media.length)
  if (generation.state === 'failed') return compose.failedTitle
  if (generation.state === 'cancelled') return compose.cancelled
  return compose.painting
}

const Painting = ({ words, generation }: { words: Messages; generation: GenerationView }) => {
  const ahead = (generation.position ?? 1) - 1
  return (
    <>
      <div class="canvases" data-count={generation.count}>
        {Array.from({ length: generation.count }, (_, index) => (
          <div class="canvas">
            {/* Holds the place in the shape of the picture to come. */}
            <svg viewBox={`0 0 ${generation.width} ${generation.height}`} aria-hidden="true" />
            <img data-preview={index} alt={words.compose.preview(index + 1)} hidden />
          </div>
        ))}
      </div>
      <p class="painting-line">
        <span class="painting">
          {ahead > 0 ? words.compose.queued(ahead) : words.compose.painting}
          <noscript> {words.compose.paintingWait}</noscript>
        </span>
        <button type="submit" name="intent" value="cancel" class="button small" data-piece>
          {words.compose.cancel}
        </button>
      </p>
    </>
  )
}

const Failure = ({ words, generation }: { words: Messages; generation: GenerationView }) => {
  const { compose } = words
  const reasons: Record<string, string> = compose.failures
  const reason = Object.hasOwn(reasons, generation.error_code ?? '')
    ? reasons[generation.error_code ?? '']
    : compose.failures.unavailable
  return (
    <div class="notice failure" role="alert">
      <h3>{compose.failedTitle}</h3>
      <p>{reason}</p>
      <p>{compose.failedKeeps}</p>
    </div>
  )
}

type ResultsProps = Props & { generation: GenerationView }

const Results = ({ visit, state, generation }: ResultsProps) => {
  const { words } = visit
  const chosen = new Set(state.chosen.map((media) => media.id))
  const media = generation.media.filter((one) => one.note_id === null)
  return (
    <>
      <fieldset class="canvases" data-count={media.length}>
        <legend class="sr-only">{words.compose.choose}</legend>
        {media.map((one, index) => {
          const isChosen = chosen.has(one.id)
          const kind = madeBy(one)
          return (
            <div class="canvas">
              <button
                type="submit"
                name="intent"
                value={`${isChosen ? 'unpick' : 'pick'}:${one.id}`}
                class="pick"
                aria-pressed={isChosen ? 'true' : 'false'}
                aria-label={words.compose.pick(index + 1)}
                data-pick={index + 1}
                data-piece
              >
                <PictureImage media={one} visit={visit} isFirst alt="" />
                <span class="pick-mark" aria-hidden="true">
                  {isChosen ? <Icon name="check" /> : index + 1}
                </span>
              </button>
              {kind && <Badge kind={kind} visit={visit} />}
            </div>
          )
        })}
      </fieldset>
      {media.length > 1 && <p class="hint">{words.compose.chooseHint}</p>}
    </>
  )
}
