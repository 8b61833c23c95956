/** What to look for; as a whole word, where it begins or ends with a letter, a digit or `_`. */
export type Keyword = { text: string; isWholeWord: boolean }

/**
 * Looks for many keywords in one pass over a text, whatever their case: by the algorithm of Aho and Corasick, whose time
 * grows with the text and hardly with the keywords, however they are made.
 * @returns how the keywords at these places are written in a text, for those that stand in it
 */
export function searchFor(keywords: readonly Keyword[]): (text: string) => Map<number, string> {
  const words = keywords.map(({ text, isWholeWord }) => ({ text: fold(text), isWholeWord }))
  const root = buildNodes(words.map(({ text }) => text))
  return (text) => {
    const found = new Map<number, string>()
    const folded = fold(text)
    const walked = new Set<Node>()
    const done = new Set<Node>()
    let at = root
    for (let end = 1; end <= folded.length; end += 1) {
      at = follow(at, folded.charCodeAt(end - 1))
      const longest = at.ending.length > 0 ? at : at.shorter
      if (!longest || done.has(longest)) continue
      const isCut = isInsideWord(folded, end)
      // Here no whole word ends, and whatever else does was found the first time.
      if (isCut && walked.has(longest)) continue
      walked.add(longest)
      let isMissing = false
      for (let node: Node | null = longest; node; node = node.shorter) {
        for (const place of node.ending) {
          if (found.has(place)) continue
          const start = end - (words[place]?.text.length ?? 0)
          const isThere = !words[place]?.isWholeWord || !(isCut || isInsideWord(folded, start))
          if (isThere) found.set(place, text.slice(start, end))
          else isMissing = true
        }
      }
      if (!isMissing) done.add(longest)
    }
    return found
  }
}

type Node = {
  next: Map<number, Node>
  /** Where to go on when the next character does not follow: the longest other beginning that ends here. */
  otherwise: Node | null
  /** The nearest such beginning that is a keyword. */
  shorter: Node | null
  /** The places of the keywords that end here. */
  ending: number[]
}

const newNode = (): Node => ({ next: new Map(), otherwise: null, shorter: null, ending: [] })

function buildNodes(words: readonly string[]): Node {
  const root = newNode()
  for (const [place, word] of words.entries()) {
    let node = root
    for (let index = 0; index < word.length; index += 1) {
      const code = word.charCodeAt(index)
      const next = node.next.get(code) ?? newNode()
      node.next.set(code, next)
      node = next
    }
    if (node !== root) node.ending.push(place)
  }
  // Level by level, since each looks at what is nearer to the root.
  const waiting = [root]
  for (const node of waiting) {
    for (const [code, next] of node.next) {
      const other = node.otherwise && follow(node.otherwise, code)
      next.otherwise = other ?? root
      next.shorter = next.otherwise.ending.length > 0 ? next.otherwise : next.otherwise.shorter
      waiting.push(next)
    }
  }
  return root
}

function follow(from: Node, code: number): Node {
  let node = from
  for (;;) {
    const next = node.next.get(code)
    if (next) return next
    if (!node.otherwise) return node
    node = node.otherwise
  }
}

/** Whether what stands on either side of a place belongs together. */
function isInsideWord(text: string, index: number): boolean {
  const before = text.charCodeAt(index - 1)
  const isHalf = before >= 0xdc00 && before <= 0xdfff
  return isOfWord(isHalf ? text.codePointAt(index - 2) : before) && isOfWord(text.codePointAt(index))
}

const ofWord = /[\p{L}\p{M}\p{Nd}\p{Pc}]/u
const ofWordInAscii = Array.from({ length: 128 }, (_, code) => ofWord.test(String.fromCharCode(code)))

function isOfWord(code: number | undefined): boolean {
  if (code === undefined || Number.isNaN(code)) return false
  return ofWordInAscii[code] ?? ofWord.test(String.fromCodePoint(code))
}

/** Small letters, as many as there were: İ, which would become two, stays. */
function fold(text: string): string {
  const small = text.toLowerCase()
  const folded =
    small.length === text.length ? small : Array.from(text, (character) => smallOf(character)).join('')
  return folded.replaceAll('ς', 'σ')
}

function smallOf(character: string): string {
  const small = character.toLowerCase()
  return small.length === character.length ? small : character
}
