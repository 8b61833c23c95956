import { renderPage } from '../layout.tsx'
import type { PageContext } from '../session.ts'

/** Says who may come in, which for now is whom the operator adds. */
export function signUpPage(c: PageContext) {
  const { signUp, nav } = c.var.visit.words
  return renderPage(c, {
    title: signUp.title,
    isBare: true,
    children: (
      <div class="sheet">
        <h1>{signUp.title}</h1>
        <p class="lead">{signUp.closed}</p>
        <p>{signUp.elsewhere}</p>
        <p class="choices">
          <a class="button" href="/sign-in">
            {nav.signIn}
          </a>
          <a class="button quiet" href="/about">
            {nav.about}
          </a>
        </p>
      </div>
    ),
  })
}
