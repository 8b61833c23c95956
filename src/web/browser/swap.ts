type Hooks = { onSwap(): void }

/**
 * Buttons marked `data-piece` are sent in the background; of the page that comes back, the parts marked
 * `data-swap` replace ours, and whatever else is being typed stays as it is.
 */
export function sendPieces(form: HTMLFormElement, hooks: Hooks): void {
  form.addEventListener('submit', (event) => {
    const { submitter } = event
    if (!(submitter instanceof HTMLButtonElement) || !submitter.hasAttribute('data-piece')) return
    event.preventDefault()
    if (form.hasAttribute('aria-busy')) return
    void send(form, submitter, hooks)
  })
}

async function send(form: HTMLFormElement, submitter: HTMLButtonElement, hooks: Hooks): Promise<void> {
  form.setAttribute('aria-busy', 'true')
  const body = new FormData(form, submitter)
  const answer = await fetch(form.action, { method: 'POST', body }).catch(() => undefined)
  form.removeAttribute('aria-busy')
  // No connection, or signed out: the browser's own way shows what is the matter.
  if (!answer || new URL(answer.url).pathname !== '/compose') return submitAnyway(form, submitter)
  if (answer.redirected) history.replaceState(null, '', answer.url)
  swapFrom(await answer.text(), submitter)
  showPlace(submitter.value === 'paint' ? 'easel' : 'chosen')
  clearFile(form)
  hooks.onSwap()
}

/** On a phone the change may be off the screen. */
function showPlace(id: string): void {
  const behavior = matchMedia('(prefers-reduced-motion: reduce)').matches ? 'auto' : 'smooth'
  document.getElementById(id)?.scrollIntoView({ block: 'nearest', behavior })
}

function submitAnyway(form: HTMLFormElement, submitter: HTMLButtonElement): void {
  submitter.removeAttribute('data-piece')
  form.requestSubmit(submitter)
}

function clearFile(form: HTMLFormElement): void {
  const file = form.querySelector<HTMLInputElement>('input[type="file"]')
  if (file) file.value = ''
}

/** Takes the marked parts of a page; what was typed into them meanwhile and the focus stay. */
export function swapFrom(html: string, focused?: HTMLElement): void {
  const page = new DOMParser().parseFromString(html, 'text/html')
  const typed = new Map(
    [...document.querySelectorAll<HTMLTextAreaElement>('[data-swap] textarea')].map((area) => [
      area.id,
      area.value,
    ]),
  )
  if (!page.getElementById('composer')) {
    tell(page.querySelector('[role="alert"]')?.textContent)
    return
  }
  for (const part of document.querySelectorAll('[data-swap]')) {
    const fresh = page.getElementById(part.id)
    if (fresh) part.replaceWith(document.adoptNode(fresh))
  }
  for (const [id, value] of typed) {
    const area = document.getElementById(id)
    if (area instanceof HTMLTextAreaElement && value) area.value = value
  }
  const paint = page.getElementById('paint-button')
  if (paint) document.getElementById('paint-button')?.replaceChildren(...paint.childNodes)
  if (focused && !document.contains(focused)) refocus(focused)
  announce(document.getElementById('easel')?.dataset.announce)
}

/** The button that was pressed may have changed its meaning: chosen or not, it is the same picture. */
function refocus(old: HTMLElement): void {
  const number = old.dataset.pick
  const same = number ? document.querySelector<HTMLElement>(`[data-pick="${number}"]`) : undefined
  const target = same ?? document.getElementById('prompt')
  target?.focus({ preventScroll: true })
}

/** The server answered with a page about what went wrong; here it is one sentence, and nothing is lost. */
function tell(sentence: string | null | undefined): void {
  const place = document.getElementById('fault')
  if (place && sentence) place.textContent = sentence
}

let said: string | undefined

/** For those who hear the page: once per change, not with every preview. */
function announce(text: string | undefined): void {
  const place = document.getElementById('announcement')
  if (!place || !text || text === said) return
  said = text
  place.textContent = text
}
