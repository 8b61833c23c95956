// POSIX ustar (IEEE 1003.1), as much of it as a backup needs: plain files with short names, so that any tar can
// open one of ours.

const blockBytes = 512
const nameBytes = 100
const largestFileBytes = 2 ** 30

export type TarFile = { name: string; bytes: Uint8Array }

export function tarEntry({ name, bytes }: TarFile): Uint8Array {
  const header = Buffer.alloc(blockBytes)
  if (Buffer.byteLength(name) >= nameBytes) throw new Error(`${name} is too long a name for a backup`)
  header.write(name, 0)
  header.write('0000600\0', 100)
  header.write('0000000\0', 108)
  header.write('0000000\0', 116)
  header.write(`${octal(bytes.byteLength, 11)}\0`, 124)
  header.write(`${octal(0, 11)}\0`, 136)
  header.write('        ', 148)
  header.write('0', 156)
  header.write('ustar\x0000', 257)
  header.write(`${octal(checksumOf(header), 6)}\0 `, 148)
  const padding = Buffer.alloc((blockBytes - (bytes.byteLength % blockBytes)) % blockBytes)
  return Buffer.concat([header, bytes, padding])
}

export const tarEnd = (): Uint8Array => Buffer.alloc(2 * blockBytes)

/** @throws Error when the stream is no tar, or ends before its end */
export async function* readTar(stream: AsyncIterable<Uint8Array>): AsyncGenerator<TarFile> {
  const take = takerOf(stream)
  for (;;) {
    const header = await take(blockBytes)
    if (header.every((byte) => byte === 0)) return
    const isChecked =
      Number.parseInt(header.toString('latin1', 148, 154), 8) === checksumOf(blankChecksum(header))
    const size = Number.parseInt(header.toString('latin1', 124, 135), 8)
    if (!isChecked || !(size >= 0 && size <= largestFileBytes))
      throw new Error('This is not a backup of Pinxit')
    const name = header.toString('utf8', 0, header.indexOf(0))
    const padded = await take(Math.ceil(size / blockBytes) * blockBytes)
    yield { name, bytes: padded.subarray(0, size) }
  }
}

function takerOf(stream: AsyncIterable<Uint8Array>): (count: number) => Promise<Buffer> {
  const source = stream[Symbol.asyncIterator]()
  let held: Uint8Array[] = []
  let length = 0
  return async (count) => {
    while (length < count) {
      const next = await source.next()
      if (next.done) throw new Error('The backup ends too early')
      held.push(next.value)
      length += next.value.byteLength
    }
    const all = Buffer.concat(held)
    held = [all.subarray(count)]
    length = all.byteLength - count
    return all.subarray(0, count)
  }
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, '0')
}

function blankChecksum(header: Buffer): Buffer {
  const blank = Buffer.from(header)
  blank.fill(' ', 148, 156)
  return blank
}

function checksumOf(header: Buffer): number {
  return header.reduce((sum, byte) => sum + byte, 0)
}
