import { keepBlueskyHintTrue } from '../browser/bluesky-hint.ts'
import { keepInBrowser } from '../browser/kept-draft.ts'
import { watchPainting } from '../browser/painting.ts'
import { sendPieces } from '../browser/swap.ts'

// On the page where one paints and posts.
const form = document.getElementById('composer')
if (form instanceof HTMLFormElement) {
  keepInBrowser(form)
  keepBlueskyHintTrue(form)
  sendPieces(form, { onSwap: () => watchPainting(form) })
  watchPainting(form)
  if (location.hash === '#text' || location.hash === '#prompt') {
    document.getElementById(location.hash.slice(1))?.focus()
  }
  // A file that was chosen is wanted: no second press.
  form.addEventListener('change', (event) => {
    const button = form.querySelector<HTMLButtonElement>('button[value="upload"]')
    if (event.target instanceof HTMLInputElement && event.target.type === 'file' && button) {
      form.requestSubmit(button)
    }
  })
  form.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return
    event.preventDefault()
    const isPrompt = event.target instanceof HTMLElement && event.target.id === 'prompt'
    const button = document.getElementById(isPrompt ? 'paint-button' : 'post-button')
    if (button instanceof HTMLButtonElement && !button.disabled) form.requestSubmit(button)
  })
}
