import { withoutQuoteLine } from './quote-line.ts'
import type { NoteView } from './view.ts'

/** The note that one quotes, where its author allows it and the viewer may see it. */
export function quotedViewOf({ quote }: NoteView): NoteView | undefined {
  return quote?.consent === 'accepted' && quote.state === 'available' ? quote.view : undefined
}

/** What a note says, without the line that stands for its quote where the quoted note is shown itself. */
export function shownHtmlOf(view: NoteView): string {
  const { content_html: html } = view.note
  return quotedViewOf(view) ? withoutQuoteLine(html) : html
}
