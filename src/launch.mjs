// The one file that an old Node must be able to read: plain JavaScript, nothing but Node's own modules.
import { spawn } from 'node:child_process'
import { existsSync, watch } from 'node:fs'
import module from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const [flag, ...rest] = process.argv.slice(2)

const help = `Builds Pinxit when its sources changed, and runs it. Settings come from the environment: see .env.example.

  npm start                     the server
  npm run dev                   the same, restarted on change (--watch)
  npm run build                 only builds (--build-only)
  npm run demo                  two federated servers with a little life in them (--demo)
  npm run -s cli -- --help      looks after a server (--cli)`

refuseOldNode()
refuseMissingPackages()
// Said to the processes of this server as well.
process.env.NODE_COMPILE_CACHE ??= join(root, 'node_modules', '.cache', 'node')
module.enableCompileCache?.(process.env.NODE_COMPILE_CACHE)
process.setSourceMapsEnabled(true)

if (flag === '--build-only') await buildOrFail({ quiet: false })
else if (flag === '--watch') await runAndWatch()
else if (flag === '--cli') await run('cli.js', rest)
else if (flag === '--demo') await run('demo.js', rest)
else if (flag === undefined) await run('main.js', [])
else if (flag === '--help') console.log(help)
else fail(`Unknown option ${flag}; there are --watch, --build-only, --cli and --demo.`, 2)

function refuseOldNode() {
  if (Number(process.versions.node.split('.')[0]) >= 24) return
  fail(
    `Pinxit needs Node 24 or newer, and this is ${process.version}.\n` +
      'On Linux with glibc (x64, arm64) "npm ci" brings it along: start with "npm start". ' +
      'Elsewhere install it from https://nodejs.org.',
  )
}

function refuseMissingPackages() {
  if (!existsSync(join(root, 'node_modules'))) fail('The packages are missing; run "npm ci" first.')
}

function fail(message, code = 1) {
  console.error(message)
  process.exit(code)
}

/** An image is built beforehand and holds no sources: what is there is run. */
async function build({ quiet }) {
  if (!existsSync(join(root, 'src', 'build.ts'))) return
  const { buildIfChanged } = await import('./build.ts')
  const log = quiet ? () => undefined : (message) => console.error(message)
  if (!(await buildIfChanged(root, { log }))) return
  // Its process would else stay beside the server, with 80 MB.
  const { stop } = await import('esbuild')
  await stop()
}

async function buildOrFail(options) {
  try {
    await build(options)
  } catch (error) {
    showFailure(error)
    process.exit(1)
  }
}

/** What is wrong in the sources esbuild has already shown, better than its error does. */
function showFailure(error) {
  console.error(Array.isArray(error?.errors) ? 'The build failed.' : error)
}

async function run(entry, args) {
  await buildOrFail({ quiet: entry === 'cli.js' })
  const file = join(root, 'dist', entry)
  process.argv = [process.execPath, file, ...args]
  await import(pathToFileURL(file).href)
}

/** Rebuilds and restarts on change. A build that fails leaves the last good one running. */
async function runAndWatch() {
  let child
  let ending = false
  let timer
  let turn = Promise.resolve()

  const start = () => {
    child = spawn(process.execPath, ['--enable-source-maps', join(root, 'dist', 'main.js')], {
      stdio: 'inherit',
    })
    child.once('exit', (code) => {
      if (ending) process.exit(code ?? 0)
    })
  }
  const stop = () =>
    new Promise((resolve) => {
      if (!child || child.exitCode !== null || child.signalCode !== null) return resolve()
      child.once('exit', resolve)
      child.kill('SIGTERM')
    })
  const rebuild = async () => {
    try {
      await build({ quiet: false })
    } catch (error) {
      showFailure(error)
      return
    }
    if (ending) return
    await stop()
    if (!ending) start()
  }
  const end = (signal) => {
    ending = true
    // Ctrl-C in a terminal reaches the child as well, which ignores the second signal while it drains.
    if (!child || child.exitCode !== null || child.signalCode !== null) process.exit(0)
    child.kill(signal)
  }

  process.on('SIGINT', () => end('SIGINT'))
  process.on('SIGTERM', () => end('SIGTERM'))
  for (const folder of ['src', 'federation', 'migrations'].filter((name) => existsSync(join(root, name)))) {
    watch(join(root, folder), { recursive: true }, () => {
      clearTimeout(timer)
      timer = setTimeout(() => {
        turn = turn.then(rebuild)
      }, 150)
    })
  }
  await rebuild()
}
