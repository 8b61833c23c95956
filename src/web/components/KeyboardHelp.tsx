import type { Messages } from '../i18n/en.ts'

/** Opened by `?`; without JavaScript there are no keys to explain, and it stays shut. */
export const KeyboardHelp = ({ words }: { words: Messages }) => {
  const { keys } = words
  const rows: [string, string][] = [
    ['j', keys.next],
    ['k', keys.previous],
    ['o', keys.open],
    ['r', keys.reply],
    ['l', keys.like],
    ['Shift B', keys.boost],
    ['d', keys.bookmark],
    ['q', words.quotes.quote],
    ['m', words.remixes.remix],
    ['c', keys.compose],
    ['g', keys.paint],
    ['1 – 4', keys.pick],
    ['Ctrl ⏎', keys.post],
    ['/', keys.search],
    ['.', keys.newest],
    ['?', keys.help],
  ]
  return (
    <dialog id="keyboard-help" aria-labelledby="keyboard-title">
      <h2 id="keyboard-title">{keys.title}</h2>
      <dl>
        {rows.map(([key, meaning]) => (
          <div>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{meaning}</dd>
          </div>
        ))}
      </dl>
      <form method="dialog">
        <button type="submit" class="button">
          {keys.close}
        </button>
      </form>
    </dialog>
  )
}
