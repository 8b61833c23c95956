import { isOver } from '#src/notes/poll.ts'
import type { NoteView } from '#src/notes/view.ts'
import type { Visit } from '../session.ts'
import { EmojifiedText } from './Emojified.tsx'
import { Hidden } from './Hidden.tsx'
import { Icon } from './Icon.tsx'
import { Time } from './Time.tsx'

type Asked = NoteView & { poll: NonNullable<NoteView['poll']> }

/** A question's options: to choose from for who may still vote, with their counts for everyone else. */
export const Poll = ({ view, visit }: { view: NoteView; visit: Visit }) => {
  const { poll } = view
  if (!poll) return null
  const asked = { ...view, poll }
  const hasEnded = isOver(poll, visit.app.clock.now())
  const mayVote = visit.viewer && !hasEnded && !poll.is_own && poll.own_votes.length === 0
  return (
    <div class="poll" id={`poll-${view.note.id}`} tabindex={-1}>
      {mayVote ? <VoteForm view={asked} visit={visit} /> : <Results view={asked} visit={visit} />}
      <p class="hint">
        {poll.is_multiple
          ? visit.words.polls.people(poll.voters_count)
          : visit.words.polls.votes(totalOf(asked))}
        {poll.ends_at && (
          <>
            {' · '}
            {hasEnded ? visit.words.polls.ended : visit.words.polls.ends}{' '}
            <Time at={poll.ends_at} visit={visit} isAbsolute />
          </>
        )}
      </p>
    </div>
  )
}

const totalOf = ({ poll }: Asked) => poll.options.reduce((sum, { votes }) => sum + votes, 0)

const VoteForm = ({ view, visit }: { view: Asked; visit: Visit }) => {
  const { poll, note } = view
  const { polls } = visit.words
  return (
    <form method="post" action={`/notes/${note.id}/vote`} data-piece>
      <Hidden visit={visit} back={`${visit.here}#poll-${note.id}`} />
      <fieldset>
        <legend>{poll.is_multiple ? polls.chooseSome : polls.chooseOne}</legend>
        {poll.options.map(({ title }, position) => (
          <label class="check">
            <input
              type={poll.is_multiple ? 'checkbox' : 'radio'}
              name="choice"
              value={position}
              required={!poll.is_multiple}
            />
            <bdi>
              <EmojifiedText text={title} emojis={note.emojis} visit={visit} />
            </bdi>
          </label>
        ))}
      </fieldset>
      <button type="submit" class="button">
        {polls.vote}
      </button>
    </form>
  )
}

const Results = ({ view, visit }: { view: Asked; visit: Visit }) => {
  const { poll, note } = view
  const whole = poll.is_multiple ? poll.voters_count : totalOf(view)
  const percent = new Intl.NumberFormat(visit.language, { style: 'percent' })
  return (
    <ul aria-label={visit.words.polls.poll}>
      {poll.options.map(({ title, votes }, position) => {
        const share = whole === 0 ? 0 : Math.min(1, votes / whole)
        return (
          <li>
            <span class="poll-title">
              <bdi>
                <EmojifiedText text={title} emojis={note.emojis} visit={visit} />
              </bdi>
              {poll.own_votes.includes(position) && (
                <>
                  {' '}
                  <Icon name="check" />
                  <span class="sr-only">{visit.words.polls.chosen}</span>
                </>
              )}
            </span>
            <span class="poll-share">
              {percent.format(share)}
              <span class="sr-only"> · {visit.words.polls.votes(votes)}</span>
            </span>
            {/* What it draws is said beside it. */}
            <progress value={share} max={1} aria-hidden="true" />
          </li>
        )
      })}
    </ul>
  )
}
