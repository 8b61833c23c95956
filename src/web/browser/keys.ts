/** The keys of a feed and of every page; never while someone types. */
export function listenToKeys(): void {
  document.addEventListener('keydown', (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return
    if (isTyping(event.target) || document.querySelector('dialog[open]')) return
    if (press(event.key)) event.preventDefault()
  })
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches('input, textarea, select, [contenteditable]')
}

function press(key: string): boolean {
  switch (key) {
    case 'j':
      return step(1)
    case 'k':
      return step(-1)
    case 'o':
      return open()
    case 'Enter':
      return document.activeElement === current() && open()
    case 'r':
    case 'l':
    case 'B':
    case 'd':
    case 'q':
    case 'm':
      return act(key)
    case 'c':
      return go('/compose#text')
    case 'g':
      return go('/compose#prompt')
    case '/':
      return search()
    case '.':
      return newest()
    case '?':
      return help()
    default:
      return pick(key)
  }
}

function notes(): HTMLElement[] {
  return [...document.querySelectorAll<HTMLElement>('main article.note')]
}

function current(): HTMLElement | undefined {
  return document.activeElement?.closest<HTMLElement>('article.note') ?? undefined
}

function step(by: 1 | -1): boolean {
  const all = notes()
  const now = current()
  const next = now ? all[all.indexOf(now) + by] : all[0]
  next?.focus()
  next?.scrollIntoView({ block: 'nearest' })
  return next !== undefined
}

function open(): boolean {
  const href = current()?.dataset.href
  return href !== undefined && go(href)
}

function act(key: string): boolean {
  const note = current() ?? document.querySelector<HTMLElement>('article.note.main')
  const control = note?.querySelector<HTMLElement>(`[data-key="${key}"]`)
  control?.click()
  return control != null
}

function go(href: string): boolean {
  const [path, hash] = href.split('#')
  if (hash && location.pathname === path) document.getElementById(hash)?.focus()
  else location.assign(href)
  return true
}

function search(): boolean {
  const field = document.getElementById('q')
  if (!field) return go('/search')
  field.focus()
  return true
}

function newest(): boolean {
  if (new URLSearchParams(location.search).has('max_id')) return go(location.pathname)
  scrollTo({ top: 0 })
  return true
}

function help(): boolean {
  const dialog = document.getElementById('keyboard-help')
  if (!(dialog instanceof HTMLDialogElement)) return false
  dialog.showModal()
  return true
}

function pick(key: string): boolean {
  const picture = document.querySelector<HTMLElement>(`[data-pick="${CSS.escape(key)}"]`)
  picture?.click()
  return picture !== null
}
