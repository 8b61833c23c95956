type Kept = { address: string; fields: Record<string, string> }

const fieldNames = ['text', 'prompt', 'summary']

/** A post in the making survives a closed tab: its words here, its pictures by the address of its draft. */
export function keepInBrowser(form: HTMLFormElement): void {
  const key = keyOf(form)
  const query = new URLSearchParams(location.search)
  const isNew = !query.has('draft')
  // What another site asks to have written must not give way to what was written before.
  const kept = query.has('text') || query.has('summary') ? undefined : read(key)
  if (isNew && kept?.address && kept.address !== location.href) {
    location.replace(kept.address)
    return
  }
  if (kept) restore(form, kept, isNew)
  form.addEventListener('input', () => keep(form, key))
  addEventListener('pagehide', () => localStorage.getItem(key) && keep(form, key))
  form.addEventListener('submit', ({ submitter }) => {
    if (!(submitter instanceof HTMLButtonElement)) return
    if (submitter.value === 'post' || submitter.value === 'discard') localStorage.removeItem(key)
    else keep(form, key)
  })
}

/** Answers, quotes and remixes are kept apart by what they are of; people who share a browser, by who they are. */
function keyOf(form: HTMLFormElement): string {
  const about = ['reply', 'quote', 'remix'].flatMap((name) => {
    const value = form.querySelector<HTMLInputElement>(`input[name="${name}"]`)?.value
    return value === undefined ? [] : [`${name} ${value}`]
  })
  return ['draft', document.documentElement.dataset.user, ...about].join(' ')
}

function read(key: string): Kept | undefined {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(key) ?? 'null')
    return isKept(kept) ? kept : undefined
  } catch {
    return undefined
  }
}

function isKept(kept: unknown): kept is Kept {
  if (typeof kept !== 'object' || kept === null || !('address' in kept) || !('fields' in kept)) return false
  const { address, fields } = kept
  const isOurs =
    address === '' || (typeof address === 'string' && address.startsWith(`${location.origin}/compose`))
  return isOurs && typeof fields === 'object' && fields !== null
}

function restore(form: HTMLFormElement, { address, fields }: Kept, isNew: boolean): void {
  if (!isNew && address !== location.href) return
  for (const name of fieldNames) {
    const field = form.elements.namedItem(name)
    const value = fields[name]
    if (!isTextField(field) || typeof value !== 'string' || value === '') continue
    field.value = value
  }
}

function keep(form: HTMLFormElement, key: string): void {
  const fields: Record<string, string> = {}
  for (const name of fieldNames) {
    const field = form.elements.namedItem(name)
    if (isTextField(field)) fields[name] = field.value
  }
  const address = new URLSearchParams(location.search).has('draft') ? location.href : ''
  const kept: Kept = { address, fields }
  localStorage.setItem(key, JSON.stringify(kept))
}

function isTextField(field: unknown): field is HTMLInputElement | HTMLTextAreaElement {
  return field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement
}
