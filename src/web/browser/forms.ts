let turn = Promise.resolve()

/** Sends the small forms of a card without leaving the page, and puts the server's answer in their place. */
export function enhanceForms(): void {
  document.addEventListener('submit', (event) => {
    const { target: form, submitter } = event
    if (!(form instanceof HTMLFormElement) || !form.matches('form[data-piece]')) return
    event.preventDefault()
    // One after the other, or an older answer could overtake a newer one.
    turn = turn.then(() => exchange(form, submitter))
  })
  for (const form of document.querySelectorAll<HTMLFormElement>('form[data-when-seen]')) sendWhenSeen(form)
}

async function exchange(form: HTMLFormElement, submitter: HTMLElement | null): Promise<void> {
  const region = form.closest('.actions, .reactions, .poll')
  const key = CSS.escape(submitter?.dataset.key ?? '')
  if (!region) return
  const answer = await post(form, submitter).catch(() => undefined)
  // Signed out meanwhile, or no connection: the browser's own way shows what is the matter.
  if (!answer?.ok || answer.redirected) return submitAnyway(form, submitter)
  const piece = document.createElement('template')
  piece.innerHTML = await answer.text()
  const fresh = piece.content.firstElementChild
  if (!fresh) return
  const hadFocus = document.getElementById(region.id)?.contains(document.activeElement)
  // The same note may stand on the page twice, as a boost and as itself.
  for (const same of document.querySelectorAll(`[id="${region.id}"]`)) same.replaceWith(fresh.cloneNode(true))
  const place = document.getElementById(region.id)
  const button = place?.querySelector<HTMLElement>(`[data-key="${key}"]`)
  if (!hadFocus) return
  button?.focus()
  // The button is gone, or folded away.
  if (document.activeElement !== button) place?.focus()
}

function submitAnyway(form: HTMLFormElement, submitter: HTMLElement | null): void {
  // An earlier answer may have taken it off the page.
  if (!form.isConnected) document.body.append(form)
  form.removeAttribute('data-piece')
  form.requestSubmit(submitter)
}

function post(form: HTMLFormElement, submitter: HTMLElement | null = null): Promise<Response> {
  const fields = new URLSearchParams()
  for (const [name, value] of new FormData(form, submitter))
    if (typeof value === 'string') fields.append(name, value)
  return fetch(form.action, { method: 'POST', body: fields, headers: { 'x-piece': '1' } })
}

function sendWhenSeen(form: HTMLFormElement): void {
  const send = () => {
    if (document.visibilityState !== 'visible') return
    document.removeEventListener('visibilitychange', send)
    void post(form)
      .then((answer) => form.classList.toggle('seen', answer.ok))
      .catch(() => undefined)
  }
  document.addEventListener('visibilitychange', send)
  send()
}
