import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '..')

// Who may import whom: only what stands further left.
const order = [
  ['base'],
  ['db'],
  ['jobs'],
  ['mail'],
  ['media'],
  ['ai'],
  ['policies'],
  ['accounts'],
  ['auth'],
  ['notifications'],
  ['relationships'],
  ['remixes'],
  ['notes'],
  ['timelines'],
  ['search'],
  ['moderation'],
  ['studio'],
  ['assistant'],
  ['commons'],
  // The faces: they never import each other.
  ['api', 'web', 'mcp', 'cli', 'federation'],
  ['root'],
]

type Import = { file: string; target: string; isType: boolean; isDynamic: boolean }

const files = ['src', 'federation', 'migrations'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(ts|tsx|mjs)$/.test(name))
    .map((name) => join(folder, name)),
)
const sources = new Map(files.map((file) => [file, readFileSync(join(root, file), 'utf8')]))
const imports = [...sources].flatMap(([file, source]) => importsOf(file, source))

/** Finds `import … from '…'`, `export … from '…'`, `import '…'` and `import('…')`. */
function importsOf(file: string, source: string): Import[] {
  const code = source.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '')
  const pattern =
    /(?:^|\n)\s*(import|export)\s+(type\s)?[^'"`;]*?from\s*['"]([^'"]+)['"]|(?:^|\n)\s*import\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/g
  return [...code.matchAll(pattern)].map((match) => ({
    file,
    target: resolveTarget(file, match[3] ?? match[4] ?? match[5] ?? ''),
    isType: match[2] !== undefined,
    isDynamic: match[5] !== undefined,
  }))
}

/** A path from the root for our own modules, the specifier itself for packages. */
function resolveTarget(file: string, specifier: string): string {
  if (specifier.startsWith('#')) return specifier.slice(1)
  return specifier.startsWith('.') ? relative(root, join(root, dirname(file), specifier)) : specifier
}

/** The room a file stands in: a folder of src, `federation`, `migrations`, or the composition root. */
function roomOf(file: string): string {
  const [top = '', second = '', ...rest] = file.split('/')
  if (top !== 'src') return top
  return rest.length === 0 ? 'root' : second
}

const rankOf = (room: string) => order.findIndex((rooms) => rooms.includes(room))
const isOurs = (target: string) => /^(src|federation|migrations)\//.test(target)
const describeImport = ({ file, target }: Import) => `${file} → ${target}`

describe('the layout', () => {
  it('knows every room', () => {
    const strangers = files.filter((file) => roomOf(file) !== 'migrations' && rankOf(roomOf(file)) === -1)
    expect(strangers).toEqual([])
  })

  it('imports only leftward', () => {
    const wrong = imports.filter(({ file, target, isType }) => {
      if (!isOurs(target) || roomOf(file) === 'migrations') return false
      // The list of migrations is the database floor's; App is a type that everyone may name.
      if (roomOf(target) === 'migrations') return roomOf(file) !== 'db'
      if (isType && target === 'src/app.ts') return false
      const [from, to] = [roomOf(file), roomOf(target)]
      return from !== to && rankOf(to) >= rankOf(from)
    })
    expect(wrong.map(describeImport)).toEqual([])
  })

  it('has migrations that import nothing of ours', () => {
    expect(
      imports
        .filter(({ file, target }) => roomOf(file) === 'migrations' && isOurs(target))
        .map(describeImport),
    ).toEqual([])
  })

  it('has no circular imports', () => {
    const graph = Map.groupBy(
      imports.filter(({ target, isType }) => isOurs(target) && !isType),
      ({ file }) => file,
    )
    const finished = new Set<string>()
    const cycles: string[] = []
    const visit = (file: string, path: string[]) => {
      if (path.includes(file)) cycles.push([...path.slice(path.indexOf(file)), file].join(' → '))
      if (finished.has(file) || path.includes(file)) return
      for (const { target } of graph.get(file) ?? []) visit(target, [...path, file])
      finished.add(file)
    }
    for (const file of files) visit(file, [])
    expect(cycles).toEqual([])
  })

  it('imports relatively inside a folder and by # across', () => {
    const wrong = [...sources].flatMap(([file, source]) =>
      [...source.matchAll(/from ['"](\.[^'"]+|#[^'"]+)['"]/g)]
        .map((match) => match[1] ?? '')
        .filter((specifier) => {
          const isSameRoom = roomOf(resolveTarget(file, specifier)) === roomOf(file)
          // The composition root lies above its rooms, and migrations have nothing to import.
          return roomOf(file) !== 'root' && specifier.startsWith('.') !== isSameRoom
        })
        .map((specifier) => `${file} → ${specifier}`),
    )
    expect(wrong).toEqual([])
  })
})

describe('what stands in one place only', () => {
  const only = (what: RegExp, isAllowed: (file: string) => boolean) =>
    [...sources].filter(([file, source]) => !isAllowed(file) && what.test(source)).map(([file]) => file)

  it('is SQL, in db', () => {
    const isSql =
      /import \{[^}]*\bsql\b[^}]*\} from 'kysely'|\.(selectFrom|insertInto|deleteFrom|updateTable)\(/
    expect(only(isSql, (file) => /^src\/db\/|^migrations\//.test(file) || file === 'src/health.ts')).toEqual(
      [],
    )
  })

  it('is the environment, in the config and the entry points', () => {
    const entries = [
      'src/main.ts',
      'src/server-child.ts',
      'src/cli/main.ts',
      'src/launch.mjs',
      'src/build.ts',
    ]
    expect(only(/process\.env\b/, (file) => file.startsWith('src/base/') || entries.includes(file))).toEqual(
      [],
    )
  })

  it('is the openai package, in ai', () => {
    expect(only(/from 'openai/, (file) => file.startsWith('src/ai/'))).toEqual([])
  })

  it('are Fedify, and the road out, in federation', () => {
    expect(only(/from '@fedify\//, (file) => file.startsWith('federation/'))).toEqual([])
  })
})

describe('the tests', () => {
  it('hold no stopwatch, and wait for as long as a test may last', () => {
    // `vi.waitFor` gives up after a second; `expect.poll` is told in the configuration not to.
    const stopwatch = /performance\.now\(|process\.hrtime|monitorEventLoopDelay|vi\.waitFor\(/
    const tests = readdirSync(join(root, 'tests'), { recursive: true, encoding: 'utf8' }).filter(
      (name) => /\.tsx?$/.test(name) && !/^(bench\/|architecture)/.test(name),
    )
    const timed = tests.filter((name) => stopwatch.test(readFileSync(join(root, 'tests', name), 'utf8')))
    expect(timed).toEqual([])
  })
})

describe('the size of rooms', () => {
  it('stays under 400 lines a file', () => {
    const large = [...sources].filter(([, source]) => source.split('\n').length > 400).map(([file]) => file)
    expect(large).toEqual([])
  })
})
