import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { SMTPServer } from 'smtp-server'

export type ReceivedLetter = {
  to: string[]
  /** By their names in small letters. */
  headers: Record<string, string>
  text: string
  html: string
}

/** A real SMTP server on loopback that keeps what it gets, and refuses as it is told. */
export type MailServer = {
  url: string
  letters: ReceivedLetter[]
  /** How many letters were offered, refused ones too. */
  readonly offered: number
  /** Answers whoever wants to send with this code; 0 takes everything again. */
  refuseWith(code: number): void
  close(): Promise<void>
}

export async function startMailServer(): Promise<MailServer> {
  const letters: ReceivedLetter[] = []
  let code = 0
  let offered = 0
  const server = new SMTPServer({
    disabledCommands: ['AUTH', 'STARTTLS'],
    logger: false,
    onMailFrom: (_address, _session, callback) => {
      offered += 1
      callback(code === 0 ? null : Object.assign(new Error('not now'), { responseCode: code }))
    },
    onData: (stream, { envelope }, callback) => {
      const to = envelope.rcptTo.map(({ address }) => address)
      text(stream).then((source) => {
        letters.push({ to, ...readLetter(source) })
        callback()
      }, callback)
    },
  })
  server.listen(0, '127.0.0.1')
  await once(server.server, 'listening')
  const { port } = server.server.address() as AddressInfo
  return {
    url: `smtp://127.0.0.1:${port}`,
    letters,
    get offered() {
      return offered
    },
    refuseWith: (wanted) => {
      code = wanted
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
}

/** The first link of a letter, as its plain text has it. */
export function linkIn({ text: words }: ReceivedLetter): string {
  return /https?:\/\/\S+/.exec(words)?.[0] ?? ''
}

/** What is inside of a message of two parts, one plain and one HTML (RFC 2045). */
function readLetter(source: string): Omit<ReceivedLetter, 'to'> {
  const { headers, body } = readPart(source)
  const boundary = /boundary="?([^";]+)/.exec(headers['content-type'] ?? '')?.[1] ?? ''
  const parts = body.split(`--${boundary}`).map((part) => readPart(part.replace(/^\r\n/, '')))
  const bodyOf = (type: string) => parts.find((part) => part.headers['content-type']?.startsWith(type))?.body
  return { headers, text: bodyOf('text/plain') ?? '', html: bodyOf('text/html') ?? '' }
}

function readPart(source: string): { headers: Record<string, string>; body: string } {
  const end = source.indexOf('\r\n\r\n')
  const lines = source
    .slice(0, end)
    .replace(/\r\n[ \t]+/g, ' ')
    .split('\r\n')
  const headers = Object.fromEntries(
    lines.map((line) => [
      line.split(':', 1)[0]?.toLowerCase() ?? '',
      line.slice(line.indexOf(':') + 1).trim(),
    ]),
  )
  return { headers, body: decode(source.slice(end + 4), headers['content-transfer-encoding']) }
}

function decode(body: string, encoding: string | undefined): string {
  if (encoding === 'base64') return Buffer.from(body, 'base64').toString('utf8')
  if (encoding !== 'quoted-printable') return body
  const bytes = body
    .replace(/=\r\n/g, '')
    .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  return Buffer.from(bytes, 'latin1').toString('utf8')
}
