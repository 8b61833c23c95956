import type { Visit } from '../session.ts'

type Props = {
  visit: Visit
  username: string
  /** Whether typing begins here when the page opens. */
  isFirst?: boolean
}

/** Where somebody new chooses a name, which is permanent. */
export const NameField = ({ visit, username, isFirst = false }: Props) => {
  const { words, app } = visit
  return (
    <div class="field">
      <label for="username">{words.fields.username}</label>
      <input
        id="username"
        name="username"
        value={username}
        required
        maxlength={30}
        pattern="[A-Za-z0-9_]+"
        autocomplete="username"
        autocapitalize="none"
        spellcheck={false}
        autofocus={isFirst}
        aria-describedby="username-hint"
      />
      <p class="hint" id="username-hint">
        {words.fields.usernameHint} {words.owner.permanent(app.handleHost)}
      </p>
    </div>
  )
}
