type Magic = {
  mediaType: string
  isIt(bytes: Uint8Array, ascii: (from: number, length: number) => string): boolean
}

const mp4SoundBrands = ['M4A ', 'M4B ', 'M4P ']

// A container may hold a film or a sound alone; then the other server's word decides between the two.
const magics: Magic[] = [
  {
    mediaType: 'audio/mp4',
    isIt: (_bytes, ascii) => ascii(4, 4) === 'ftyp' && mp4SoundBrands.includes(ascii(8, 4)),
  },
  { mediaType: 'video/mp4', isIt: (_bytes, ascii) => ascii(4, 4) === 'ftyp' },
  { mediaType: 'video/webm', isIt: (bytes) => startsWith(bytes, [0x1a, 0x45, 0xdf, 0xa3]) },
  { mediaType: 'video/ogg', isIt: (_bytes, ascii) => ascii(0, 4) === 'OggS' },
  { mediaType: 'audio/flac', isIt: (_bytes, ascii) => ascii(0, 4) === 'fLaC' },
  { mediaType: 'audio/wav', isIt: (_bytes, ascii) => ascii(0, 4) === 'RIFF' && ascii(8, 4) === 'WAVE' },
  { mediaType: 'audio/mpeg', isIt: (bytes, ascii) => ascii(0, 3) === 'ID3' || isMp3Frame(bytes) },
]

/**
 * What kind of film or sound begins with these bytes, of those browsers play; undefined for everything else.
 * @param declared the media type that came with them
 */
export function sniffedMediaType(bytes: Uint8Array, declared: string): string | undefined {
  const ascii = (from: number, length: number) =>
    Buffer.from(bytes.subarray(from, from + length)).toString('latin1')
  const found = magics.find(({ isIt }) => isIt(bytes, ascii))?.mediaType
  return declared.startsWith('audio/') ? found?.replace('video/', 'audio/') : found
}

function startsWith(bytes: Uint8Array, expected: number[]): boolean {
  return expected.every((byte, index) => bytes[index] === byte)
}

/** Eleven bits of synchronisation, then a version, and layer III. */
function isMp3Frame(bytes: Uint8Array): boolean {
  const [first = 0, second = 0] = bytes
  return first === 0xff && (second & 0xe6) === 0xe2
}
