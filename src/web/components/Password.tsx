import type { Messages } from '../i18n/en.ts'

/** Where a new password is typed. */
export const NewPassword = ({ words, label }: { words: Messages; label?: string }) => (
  <div class="field">
    <label for="password">{label ?? words.fields.password}</label>
    <input
      id="password"
      name="password"
      type="password"
      required
      minlength={8}
      autocomplete="new-password"
      aria-describedby="password-hint"
    />
    <p class="hint" id="password-hint">
      {words.fields.passwordHint}
    </p>
  </div>
)

/** Whether apps lose their access along with the old password. */
export const EndsApps = ({ words }: { words: Messages }) => (
  <div class="field">
    <label class="check">
      <input type="checkbox" name="ends_apps" value="on" checked aria-describedby="ends-apps-hint" />
      <span>{words.account.endsApps}</span>
    </label>
    <p class="hint" id="ends-apps-hint">
      {words.account.endsAppsHint}
    </p>
  </div>
)
