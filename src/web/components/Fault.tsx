/** What is wrong with what was sent. The page that comes back begins here, however far down the form stands. */
export const Fault = ({ text }: { text: string | undefined }) =>
  text === undefined ? null : (
    <p class="fault" role="alert" tabindex={-1} autofocus>
      {text}
    </p>
  )
