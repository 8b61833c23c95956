import { pollLimits } from '#src/notes/poll.ts'
import { type Draft, pollDurations } from '../drafts.ts'
import type { Messages } from '../i18n/en.ts'

const numbers = Array.from({ length: pollLimits.maxOptions }, (_, index) => index)

/** A question's options in the composer; left empty, there is no poll. */
export const PollFields = ({ words, draft }: { words: Messages; draft: Draft }) => {
  const { polls } = words
  const { options, isMultiple, duration } = draft.poll
  return (
    <details class="options" open={options.some((option) => option !== '')}>
      <summary>{polls.add}</summary>
      <div class="option-fields">
        <p class="hint" id="poll-hint">
          {polls.optionHint}
        </p>
        {numbers.map((index) => (
          <div class="field">
            <label for={`poll-option-${index}`}>{polls.option(index + 1)}</label>
            <input
              id={`poll-option-${index}`}
              name="poll_option"
              value={options[index] ?? ''}
              maxlength={pollLimits.maxOptionCharacters}
              aria-describedby="poll-hint"
              dir="auto"
            />
          </div>
        ))}
        <label class="check">
          <input type="checkbox" name="poll_multiple" value="1" checked={isMultiple} />
          <span>{polls.isMultiple}</span>
        </label>
        <div class="field">
          <label for="poll-duration">{polls.duration}</label>
          <select id="poll-duration" name="poll_duration">
            {pollDurations.map((seconds) => (
              <option value={seconds} selected={seconds === duration}>
                {inWords(words, Number(seconds))}
              </option>
            ))}
          </select>
        </div>
      </div>
    </details>
  )
}

function inWords({ polls }: Messages, seconds: number): string {
  if (seconds >= 86_400) return polls.days(seconds / 86_400)
  return seconds >= 3_600 ? polls.hours(seconds / 3_600) : polls.minutes(seconds / 60)
}
