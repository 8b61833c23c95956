import { AsyncLocalStorage } from 'node:async_hooks'
import { configure, getLogger, type Logger, type LogLevel, type LogRecord } from '@logtape/logtape'
import { isSensitiveName, redact } from './redact.ts'

export type Log = Logger

/** The log of one part of the server, such as `createLog('jobs')`. Silent until configureLogging has run. */
export function createLog(...category: string[]): Log {
  return getLogger(['pinxit', ...category])
}

type LoggingOptions = {
  level: LogLevel
  /** Takes finished lines; stderr unless told. */
  write?: (line: string) => void
}

/** Sends every log, Fedify's too, to one place as JSON lines without secrets. Called once, by the main module. */
export async function configureLogging({ level, write = writeToStderr }: LoggingOptions): Promise<void> {
  const sink = (record: LogRecord) => write(toLogLine(record))
  // Fedify warns of each stranger's faulty document and signature; at our usual level that would drown our own.
  const fedifyLevel = level === 'info' || level === 'warning' ? 'error' : level
  await configure({
    reset: true,
    contextLocalStorage: new AsyncLocalStorage(),
    sinks: { lines: sink },
    loggers: [
      { category: 'pinxit', lowestLevel: level, sinks: ['lines'] },
      { category: 'fedify', lowestLevel: fedifyLevel, sinks: ['lines'] },
      { category: ['logtape', 'meta'], lowestLevel: 'warning', sinks: ['lines'] },
    ],
  })
}

function writeToStderr(line: string): void {
  process.stderr.write(line)
}

/** One JSON object and a line feed: time, level, category, message, then the record's own properties. */
export function toLogLine(record: LogRecord): string {
  const secrets = Object.entries(record.properties)
    .filter(([name]) => isSensitiveName(name))
    .map(([, value]) => value)
  const message = record.message.map((part) => {
    if (secrets.includes(part)) return '[redacted]'
    // The whole error, with its stack, stands among the properties.
    const shown = redact(part instanceof Error ? part.message : part)
    return typeof shown === 'string' ? shown : JSON.stringify(shown)
  })
  const line = {
    time: new Date(record.timestamp).toISOString(),
    level: record.level,
    category: record.category.join('.'),
    message: message.join(''),
    properties: redact(record.properties),
  }
  return `${JSON.stringify(line)}\n`
}
