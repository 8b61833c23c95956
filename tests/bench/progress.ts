/** Tells whoever waits what is measured, and how far it has come. */
export type Progress = {
  step(text: string): void
  count(done: number, of: number, what?: string): void
  /** Something that stays. */
  line(text: string): void
  /** Leaves the terminal clean for what is printed next. */
  end(): void
}

// Where lines cannot be overwritten, a count now and then is enough.
const betweenLinesMs = 15_000

export function createProgress(stream: NodeJS.WriteStream): Progress {
  let step = ''
  let lastAt = 0
  const write = (text: string) => {
    lastAt = performance.now()
    stream.write(stream.isTTY ? `\r\x1b[K${text}` : `${text}\n`)
  }
  return {
    step(text) {
      step = text
      write(text)
    },
    count(done, of, what = '') {
      const sinceMs = performance.now() - lastAt
      if (sinceMs < (stream.isTTY ? 100 : betweenLinesMs)) return
      const figures = `${done.toLocaleString('en')} of ${of.toLocaleString('en')}`
      write(`${step}${what && `, ${what}`}: ${figures}`)
    },
    line(text) {
      write(stream.isTTY ? `${text}\n` : text)
    },
    end() {
      if (stream.isTTY) stream.write('\r\x1b[K')
    },
  }
}
