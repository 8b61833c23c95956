import { APIError } from 'openai'
import { ProviderFault } from './provider-fault.ts'

const lineFeed = 10

/**
 * The JSON of each server-sent event of an answer, up to `[DONE]`. The client's own reader looks at every byte
 * in JavaScript, which holds up the whole server for a quarter of a second when one line carries 30 MB.
 * @throws APIError for an error event, ProviderFault for what is no JSON
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html
 */
export async function* readEvents(response: Response): AsyncGenerator<unknown> {
  let name = ''
  let data: string[] = []
  for await (const line of readLines(response)) {
    if (line.startsWith('event:')) name = line.slice(6).trim()
    if (line.startsWith('data:')) data.push(line.slice(5))
    if (line !== '' || data.length === 0) continue
    const text = data.length === 1 ? (data[0] ?? '') : data.join('\n')
    if (text.trim() === '[DONE]') return
    yield parseEvent(name, text, response.headers)
    name = ''
    data = []
  }
}

function parseEvent(name: string, text: string, headers: Headers): unknown {
  const item = parseJson(text)
  const error = typeof item === 'object' && item !== null && 'error' in item ? item.error : undefined
  const thrown = error || (name === 'error' ? item : undefined)
  if (thrown)
    throw new APIError(
      undefined,
      typeof thrown === 'object' ? thrown : { message: thrown },
      undefined,
      headers,
    )
  return item
}

/** Lines without their ends. The last event needs no blank line after it: some servers leave it out. */
async function* readLines(response: Response): AsyncGenerator<string> {
  let pending: Uint8Array[] = []
  for await (const chunk of response.body ?? []) {
    let start = 0
    for (let end = chunk.indexOf(lineFeed); end >= 0; end = chunk.indexOf(lineFeed, start)) {
      yield textOf([...pending, chunk.subarray(start, end)])
      pending = []
      start = end + 1
    }
    pending.push(chunk.subarray(start))
  }
  yield textOf(pending)
  yield ''
}

function textOf(chunks: Uint8Array[]): string {
  const text = Buffer.concat(chunks).toString('utf8')
  return text.endsWith('\r') ? text.slice(0, -1) : text
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new ProviderFault('unavailable', 'The provider’s answer cannot be read.', text.slice(0, 500))
  }
}
