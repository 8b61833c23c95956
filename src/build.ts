import { createHash, randomUUID } from 'node:crypto'
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { basename, join, relative, sep } from 'node:path'
import type { BuildOptions, Metafile } from 'esbuild'

const sources = ['src', 'federation', 'migrations', 'package.json', 'package-lock.json', 'tsconfig.json']
// Native code, which stays in its package; and what `pg` asks for where it is installed, which it is not.
const notBundled = ['sharp', '@node-rs/argon2', 'pg-native']
// Packages in CommonJS ask for Node's own modules by it, and a module has none.
const requireForBundled =
  "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);"
// A server that runs from an older build may still load parts of it.
const buildsKept = 3

/**
 * Bundles the server, the command line and the browser's files into `dist`, unless that was made from the
 * very same sources. `dist` is a link that changes in one step to a folder of its own per state of the
 * sources, so that several builds at once, or a running server, come to no harm.
 * `dist/assets/manifest.json` maps `islands/x.ts` and `styles/main.css` to their hashed names there.
 * Answers whether there was anything to build.
 */
export async function buildIfChanged(
  root: string,
  { log }: { log: (message: string) => void },
): Promise<boolean> {
  const stamp = stampOf(root)
  if (builtStamp(root) === stamp) return false
  log('Building…')
  const name = `dist-${stamp}`
  if (!existsSync(join(root, name, 'stamp'))) await buildInto(root, name, stamp)
  pointTo(root, name)
  removeOldBuilds(root, name)
  return true
}

/** A digest of everything a build is made of. */
function stampOf(root: string): string {
  const hash = createHash('sha256').update(process.version)
  for (const source of sources) {
    const path = join(root, source)
    if (!existsSync(path)) continue
    for (const file of filesBelow(path))
      hash.update(relative(root, file)).update('\0').update(readFileSync(file))
  }
  return hash.digest('hex').slice(0, 16)
}

function filesBelow(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path]
  return readdirSync(path, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
}

function builtStamp(root: string): string | undefined {
  try {
    return readFileSync(join(root, 'dist', 'stamp'), 'utf8')
  } catch {
    return undefined
  }
}

async function buildInto(root: string, name: string, stamp: string): Promise<void> {
  const draft = join(root, `dist-tmp-${randomUUID()}`)
  try {
    await bundle(root, draft)
    writeFileSync(join(draft, 'stamp'), stamp)
    renameSync(draft, join(root, name))
  } catch (error) {
    rmSync(draft, { recursive: true, force: true })
    // Another start was quicker with the same sources.
    if (!existsSync(join(root, name, 'stamp'))) throw error
  }
}

async function bundle(root: string, draft: string): Promise<void> {
  // Loaded only when there is something to build: a warm start does without it.
  const { build } = await import('esbuild')
  await build(serverOptions(root, draft))
  const assets = join(draft, 'assets')
  mkdirSync(assets)
  const { metafile } = await build(browserOptions(root, assets))
  writeFileSync(join(assets, 'manifest.json'), JSON.stringify(manifestOf(metafile, root, assets)))
}

function serverOptions(root: string, outdir: string): BuildOptions {
  return {
    absWorkingDir: root,
    entryPoints: serverEntries(root),
    outdir,
    chunkNames: 'chunk-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    // Packages go in as well: of most we use a part, and what is read from one file takes half the memory and time.
    external: notBundled,
    banner: { js: requireForBundled },
    // Names stay, for stack traces. What is left out here would be held in memory.
    minifyWhitespace: true,
    sourcesContent: false,
    sourcemap: true,
    logLevel: 'warning',
  }
}

/** Child processes are files of their own, named `…-child`, which their parents fork from beside themselves. */
function serverEntries(root: string): Record<string, string> {
  const children = filesBelow(join(root, 'src')).filter((file) => file.endsWith('-child.ts'))
  return {
    main: 'src/main.ts',
    cli: 'src/cli/main.ts',
    demo: 'src/demo.ts',
    ...Object.fromEntries(children.map((file) => [basename(file, '.ts'), relative(root, file)])),
  }
}

function browserOptions(root: string, outdir: string): BuildOptions & { metafile: true } {
  const web = join(root, 'src', 'web')
  const islands = join(web, 'islands')
  const names = readdirSync(islands).filter((name) => /\.tsx?$/.test(name))
  return {
    absWorkingDir: root,
    entryPoints: [...names.map((name) => join(islands, name)), join(web, 'styles', 'main.css')],
    outdir,
    outbase: web,
    entryNames: '[dir]/[name]-[hash]',
    chunkNames: 'islands/chunk-[hash]',
    assetNames: 'files/[name]-[hash]',
    loader: { '.svg': 'file', '.woff2': 'file', '.png': 'file', '.webp': 'file' },
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    jsx: 'automatic',
    jsxImportSource: 'hono/jsx/dom',
    minify: true,
    metafile: true,
    logLevel: 'warning',
  }
}

function manifestOf(metafile: Metafile, root: string, assets: string): Record<string, string> {
  const web = join('src', 'web')
  const entries = Object.entries(metafile.outputs).flatMap(([output, { entryPoint }]) => {
    if (entryPoint === undefined) return []
    return [[slashed(relative(web, entryPoint)), slashed(relative(assets, join(root, output)))]]
  })
  return Object.fromEntries(entries)
}

function slashed(path: string): string {
  return path.split(sep).join('/')
}

function pointTo(root: string, name: string): void {
  const dist = join(root, 'dist')
  if (lstatSync(dist, { throwIfNoEntry: false })?.isDirectory()) rmSync(dist, { recursive: true })
  const link = join(root, `dist-link-${randomUUID()}`)
  symlinkSync(name, link, 'junction')
  renameSync(link, dist)
}

function removeOldBuilds(root: string, current: string): void {
  const changedAt = (name: string): number =>
    lstatSync(join(root, name), { throwIfNoEntry: false })?.mtimeMs ?? 0
  const others = readdirSync(root)
    .filter((name) => name.startsWith('dist-') && name !== current)
    .sort((a, b) => changedAt(b) - changedAt(a))
  for (const name of others.slice(buildsKept)) rmSync(join(root, name), { recursive: true, force: true })
}
