import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, expect, test } from 'vitest'

const repository = join(import.meta.dirname, '..')
const folders: string[] = []
const children: ChildProcess[] = []

afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue
    child.kill('SIGTERM')
    await once(child, 'exit')
  }
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

/** A tree with the real launcher and build, and a server small enough to start in a moment. */
function smallProject(): string {
  const root = mkdtempSync(join(tmpdir(), 'pinxit-launch-'))
  folders.push(root)
  for (const file of ['package.json', 'tsconfig.json', 'src/launch.mjs', 'src/build.ts']) {
    mkdirSync(dirname(join(root, file)), { recursive: true })
    cpSync(join(repository, file), join(root, file))
  }
  symlinkSync(join(repository, 'node_modules'), join(root, 'node_modules'))
  write(root, 'migrations/one.ts', `export const word: string = 'hello'`)
  write(root, 'src/main.ts', `import { word } from '#migrations/one.ts'\nconsole.log(word)`)
  write(root, 'src/cli/main.ts', 'console.log(JSON.stringify(process.argv.slice(2)))')
  write(root, 'src/demo.ts', 'export {}')
  write(root, 'src/media/process-child.ts', `process.send?.('at work')`)
  write(root, 'src/web/styles/main.css', 'body { color: #ff0000 }')
  write(root, 'src/web/islands/paint.tsx', 'document.title = String(<b>painted</b>)')
  return root
}

function write(root: string, file: string, content: string): void {
  mkdirSync(dirname(join(root, file)), { recursive: true })
  writeFileSync(join(root, file), content)
}

function launch(root: string, args: string[] = [], nodeOptions: string[] = []): ChildProcess {
  const child = spawn(process.execPath, [...nodeOptions, join(root, 'src', 'launch.mjs'), ...args], {
    cwd: root,
  })
  children.push(child)
  return child
}

type Outcome = { code: number | null; stdout: string; stderr: string }

async function finished(child: ChildProcess): Promise<Outcome> {
  const outcome: Outcome = { code: null, stdout: '', stderr: '' }
  child.stdout?.on('data', (chunk) => (outcome.stdout += chunk))
  child.stderr?.on('data', (chunk) => (outcome.stderr += chunk))
  await once(child, 'close')
  return { ...outcome, code: child.exitCode }
}

test('the first start builds and runs, the next one only runs', async () => {
  const root = smallProject()
  expect(await finished(launch(root))).toEqual({ code: 0, stdout: 'hello\n', stderr: 'Building…\n' })
  const build = readlinkSync(join(root, 'dist'))
  const builtAt = statSync(join(root, 'dist', 'main.js')).mtimeMs
  expect(await finished(launch(root))).toEqual({ code: 0, stdout: 'hello\n', stderr: '' })
  expect(readlinkSync(join(root, 'dist'))).toBe(build)
  expect(statSync(join(root, 'dist', 'main.js')).mtimeMs).toBe(builtAt)
})

test.skipIf(process.platform !== 'linux')('what built it does not stay beside the server', async () => {
  const root = smallProject()
  write(
    root,
    'src/main.ts',
    `import { readFileSync } from 'node:fs'
    const children = () => readFileSync('/proc/self/task/' + process.pid + '/children', 'utf8')
    while (children() !== '') await new Promise((resolve) => setTimeout(resolve, 20))
    console.log('alone')`,
  )
  expect(await finished(launch(root))).toEqual({ code: 0, stdout: 'alone\n', stderr: 'Building…\n' })
})

test('a package goes into the bundle, and asks for what it needs of Node', async () => {
  const root = smallProject()
  write(root, 'src/main.ts', `import pg from 'pg'\nconsole.log(new pg.Client().port)`)
  await finished(launch(root, ['--build-only']))
  rmSync(join(root, 'node_modules'))
  mkdirSync(join(root, 'node_modules'))
  rmSync(join(root, 'src', 'build.ts'))
  expect(await finished(launch(root))).toEqual({ code: 0, stdout: '5432\n', stderr: '' })
})

test('changed sources are built anew', async () => {
  const root = smallProject()
  await finished(launch(root))
  write(root, 'migrations/one.ts', `export const word: string = 'good-bye'`)
  expect((await finished(launch(root))).stdout).toBe('good-bye\n')
})

test('starts at once do each other no harm', async () => {
  const root = smallProject()
  const outcomes = await Promise.all([1, 2, 3].map(() => finished(launch(root))))
  expect(outcomes.map(({ code, stdout }) => ({ code, stdout }))).toEqual(
    Array.from({ length: 3 }, () => ({ code: 0, stdout: 'hello\n' })),
  )
  expect(readdirSync(root).filter((name) => /^dist-(tmp|link)/.test(name))).toEqual([])
})

test('a command prints its own output only, and hears its arguments as they were given', async () => {
  const root = smallProject()
  const outcome = await finished(launch(root, ['--cli', 'account', 'create', '--email', 'a b@example.com']))
  expect(outcome).toEqual({
    code: 0,
    stdout: '["account","create","--email","a b@example.com"]\n',
    stderr: '',
  })
})

test('an image without sources runs what was built', async () => {
  const root = smallProject()
  expect((await finished(launch(root, ['--build-only']))).stdout).toBe('')
  for (const source of ['src/build.ts', 'src/main.ts', 'migrations'])
    rmSync(join(root, source), { recursive: true })
  expect(await finished(launch(root))).toEqual({ code: 0, stdout: 'hello\n', stderr: '' })
})

test('the manifest names the hashed files of the browser', async () => {
  const root = smallProject()
  await finished(launch(root, ['--build-only']))
  const assets = join(root, 'dist', 'assets')
  const manifest = JSON.parse(readFileSync(join(assets, 'manifest.json'), 'utf8'))
  expect(manifest).toEqual({
    'islands/paint.tsx': expect.stringMatching(/^islands\/paint-[A-Z0-9]{8}\.js$/),
    'styles/main.css': expect.stringMatching(/^styles\/main-[A-Z0-9]{8}\.css$/),
  })
  expect(readFileSync(join(assets, manifest['styles/main.css']), 'utf8').trim()).toBe('body{color:red}')
})

test('a child process stands beside the server that forks it', async () => {
  const root = smallProject()
  write(
    root,
    'src/main.ts',
    `import { fork } from 'node:child_process'
    fork(new URL('./process-child.js', import.meta.url)).on('message', (word) => console.log(word))`,
  )
  expect((await finished(launch(root))).stdout).toBe('at work\n')
})

test('a fault in the sources fails the build and leaves the last good one', async () => {
  const root = smallProject()
  await finished(launch(root))
  const build = readlinkSync(join(root, 'dist'))
  write(root, 'src/main.ts', 'const = 1')
  const outcome = await finished(launch(root))
  expect(outcome.code).toBe(1)
  expect(outcome.stderr).toMatch(/src\/main\.ts:1:6/)
  expect(readlinkSync(join(root, 'dist'))).toBe(build)
})

test('only the last few builds are kept', async () => {
  const root = smallProject()
  for (let version = 0; version < 6; version++) {
    write(root, 'src/main.ts', `console.log(${version})`)
    await finished(launch(root, ['--build-only']))
  }
  expect(readdirSync(root).filter((name) => name.startsWith('dist-')).length).toBe(4)
})

test('a signal to npm reaches the server, which drains', async () => {
  const root = smallProject()
  write(
    root,
    'src/main.ts',
    `process.on('SIGTERM', () => { console.log('drained'); process.exit(0) })
    console.log('ready')
    setInterval(() => {}, 60_000)`,
  )
  const npm = spawn('npm', ['start'], { cwd: root })
  children.push(npm)
  let heard = ''
  npm.stdout.on('data', (chunk) => (heard += chunk))
  await expect.poll(() => heard).toContain('ready')
  npm.kill('SIGTERM')
  await expect.poll(() => heard).toContain('drained')
})

test('an old Node is told in words which one is needed', async () => {
  const old = `data:text/javascript,${encodeURIComponent(
    `Object.defineProperty(process, 'versions', { value: { node: '20.19.0' } })`,
  )}`
  const outcome = await finished(launch(smallProject(), [], ['--import', old]))
  expect(outcome.code).toBe(1)
  expect(outcome.stderr).toMatch(/^Pinxit needs Node 24 or newer/)
})

test('an unknown option is a usage error', async () => {
  const outcome = await finished(launch(smallProject(), ['--nonsense']))
  expect(outcome).toMatchObject({ code: 2, stderr: expect.stringContaining('Unknown option --nonsense') })
})

test('help names every option', async () => {
  const { code, stdout } = await finished(launch(smallProject(), ['--help']))
  expect(code).toBe(0)
  for (const option of ['--watch', '--build-only', '--demo', '--cli']) expect(stdout).toContain(option)
})

test('while watched, a change restarts the server, a fault does not, and Ctrl-C ends both', async () => {
  const root = smallProject()
  const server = (word: string): string => `
    process.on('SIGINT', () => { console.log('drained'); process.exit(0) })
    process.on('SIGTERM', () => process.exit(0))
    console.log('${word} ' + process.pid)
    setInterval(() => {}, 60_000)`
  write(root, 'src/main.ts', server('first'))
  const child = launch(root, ['--watch'])
  const outcome = finished(child)
  let heard = ''
  child.stdout?.on('data', (chunk) => (heard += chunk))
  child.stderr?.on('data', (chunk) => (heard += chunk))
  await expect.poll(() => heard).toContain('first')
  write(root, 'src/main.ts', 'const = 1')
  await expect.poll(() => heard).toContain('src/main.ts:1:6')
  write(root, 'src/main.ts', server('second'))
  await expect.poll(() => heard).toContain('second')
  child.kill('SIGINT')
  expect((await outcome).code).toBe(0)
  expect(heard).toContain('drained')
})
