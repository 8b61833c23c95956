let turn = Promise.resolve()

/** Sends the small forms of a card without leaving the page, and puts the server's answer in their place. */
export function enhanceForms(): void {
  document.addEventListener('submit', (event) => {
    const form = event.target
    if (!(form instanceof HTMLFormElement) || !form.matches('form[data-piece]')) return
    event.preventDefault()
    // One after the other, or an older answer could overtake a newer one.
    turn = turn.then(() => exchange(form))
  })
  for (const form of document.querySelectorAll<HTMLFormElement>('form[data-when-seen]')) sendWhenSeen(form)
}

async function exchange(form: HTMLFormElement): Promise<void> {
  const region = form.closest('.actions')
  const key = form.querySelector<HTMLElement>('[data-key]')?.dataset.key
  if (!region) return
  const answer = await post(form).catch(() => undefined)
  // Signed out meanwhile, or no connection: the browser's own way shows what is the matter.
  if (!answer?.ok || answer.redirected) return submitAnyway(form)
  const piece = document.createElement('template')
  piece.innerHTML = await answer.text()
  const fresh = piece.content.firstElementChild
  if (!fresh) return
  const hadFocus = document.getElementById(region.id)?.contains(document.activeElement)
  // The same note may stand on the page twice, as a boost and as itself.
  for (const same of document.querySelectorAll(`[id="${region.id}"]`)) same.replaceWith(fresh.cloneNode(true))
  const place = document.getElementById(region.id)
  if (hadFocus) place?.querySelector<HTMLElement>(`[data-key="${key}"]`)?.focus()
}

function submitAnyway(form: HTMLFormElement): void {
  // An earlier answer may have taken it off the page.
  if (!form.isConnected) document.body.append(form)
  form.submit()
}

function post(form: HTMLFormElement): Promise<Response> {
  const fields = new URLSearchParams()
  for (const [name, value] of new FormData(form)) if (typeof value === 'string') fields.append(name, value)
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
