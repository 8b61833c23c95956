import { swapFrom } from './swap.ts'

let watched: { id: string; source: EventSource } | undefined

/** Shows the previews of a painting as they come, and the page's newer state once it is over. */
export function watchPainting(form: HTMLFormElement): void {
  const id = document.getElementById('easel')?.dataset.generation
  if (watched && watched.id !== id) {
    watched.source.close()
    watched = undefined
  }
  if (!id || watched) return
  const source = new EventSource(`/api/pinxit/v1/generations/${id}/events`)
  watched = { id, source }
  source.addEventListener('partial', (event) => showPreview(event.data))
  const finish = () => {
    source.close()
    if (watched?.id === id) watched = undefined
    void refresh(form)
  }
  for (const kind of ['completed', 'failed', 'cancelled']) source.addEventListener(kind, finish)
  source.addEventListener('error', () => {
    // It reconnects by itself unless it was refused, and then asking for the page tells more.
    if (source.readyState === EventSource.CLOSED) setTimeout(finish, 2_000)
  })
}

function showPreview(data: unknown): void {
  const partial: unknown = typeof data === 'string' ? JSON.parse(data) : undefined
  if (typeof partial !== 'object' || partial === null || !('index' in partial) || !('url' in partial)) return
  const image = document.querySelector<HTMLImageElement>(`img[data-preview="${Number(partial.index)}"]`)
  if (!image || typeof partial.url !== 'string') return
  const { url } = partial
  // Shown once it is there: no flicker between two previews.
  const next = new Image()
  next.onload = () => {
    image.src = url
    image.hidden = false
  }
  next.src = url
}

async function refresh(form: HTMLFormElement): Promise<void> {
  const answer = await fetch(location.href).catch(() => undefined)
  if (!answer?.ok) return
  swapFrom(await answer.text())
  watchPainting(form)
}
