const hidden = '[redacted]'
const maxDepth = 6
const maxItems = 100
const maxTextLength = 8_000

// Compared without case, `-` and `_`: X-Api-Key, private_key, privateKeyPem, accessToken, set-cookie…
const sensitiveName = /authorization|cookie|token|passw|secret|privatekey|apikey|credential|prompt|jwk/

// A URL or a header inside a sentence: the secret part only.
const sensitiveText: [RegExp, string][] = [
  [/\b(Bearer|Basic)\s+[\w.~+/=-]+/gi, `$1 ${hidden}`],
  [/([?&](?:[\w-]*token|code|password|client_secret|signature)=)[^&\s"']+/gi, `$1${hidden}`],
  [/(\/(?:confirm|owner|reset|sign-up)\/)[\w-]{20,}/g, `$1${hidden}`],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[^-]*(?:-----END [A-Z ]*PRIVATE KEY-----)?/g, hidden],
  [/\bsk-[\w-]{8,}/g, hidden],
  [/(:\/\/[^/\s:@]*:)[^/\s@]+@/g, `$1${hidden}@`],
]

export function isSensitiveName(name: string): boolean {
  return sensitiveName.test(name.toLowerCase().replace(/[-_]/g, ''))
}

/**
 * A copy for the log: what is secret by its name or its look is gone, errors keep name, message, code, stack and
 * cause (never the values that a driver or an HTTP client hangs on them), and size and depth are bounded.
 */
export function redact(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return redactText(value)
  if (typeof value === 'bigint') return value.toString()
  if (typeof value === 'function' || typeof value === 'symbol') return undefined
  if (typeof value !== 'object' || value === null) return value
  if (value instanceof Date || value instanceof URL) return redactText(String(value))
  if (depth >= maxDepth) return '[deep]'
  if (value instanceof Error) return redactError(value, depth)
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`
  if (Array.isArray(value)) return value.slice(0, maxItems).map((item) => redact(item, depth + 1))
  const entries = value instanceof Map || value instanceof Headers ? [...value] : Object.entries(value)
  return redactEntries(entries, depth)
}

function redactEntries(entries: [unknown, unknown][], depth: number): Record<string, unknown> {
  return Object.fromEntries(
    entries.slice(0, maxItems).map(([key, item]) => {
      const name = String(key)
      return [name, isSensitiveName(name) ? hidden : redact(item, depth + 1)]
    }),
  )
}

function redactError(error: Error, depth: number): Record<string, unknown> {
  return {
    name: error.name,
    message: redactText(error.message),
    ...('code' in error && { code: redact(error.code, depth + 1) }),
    ...(error.stack && { stack: redactText(error.stack) }),
    ...(error.cause !== undefined && { cause: redact(error.cause, depth + 1) }),
  }
}

function redactText(text: string): string {
  const short = text.length > maxTextLength ? `${text.slice(0, maxTextLength)}…` : text
  return sensitiveText.reduce((clean, [pattern, replacement]) => clean.replace(pattern, replacement), short)
}
