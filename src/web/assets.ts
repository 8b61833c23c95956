import { existsSync, readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import type { Context } from 'hono'
import { z } from 'zod'
import { notFound } from '#src/base/errors.ts'

/** What the build made for browsers, by the names the sources have: `islands/page.ts`, `styles/main.css`. */
export type Assets = {
  /** Undefined when it was not built. */
  urlOf(source: string): string | undefined
  serve(c: Context): Promise<Response>
}

const types: Record<string, string> = {
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml',
  png: 'image/png',
  webp: 'image/webp',
  woff2: 'font/woff2',
}

// Beside the bundle when this is bundled, in the built folder when it runs from the sources.
function assetsFolder(): string {
  const place = import.meta.url.endsWith('.ts') ? '../../dist/assets' : './assets'
  return fileURLToPath(new URL(place, import.meta.url))
}

export function loadAssets(folder = assetsFolder()): Assets {
  const names = readManifest(folder)
  const known = new Set(Object.values(names))
  const kept = new Map<string, Promise<Asset | undefined>>()
  return {
    urlOf: (source) => (names[source] === undefined ? undefined : `/assets/${names[source]}`),
    async serve(c) {
      const name = c.req.path.slice('/assets/'.length)
      // Shared chunks are not in the manifest; their names are hashes too, and nothing else is let through.
      if (!known.has(name) && !/^islands\/chunk-[A-Z0-9]+\.js$/.test(name)) throw notFound()
      const reading = kept.get(name) ?? readAsset(join(folder, name))
      kept.set(name, reading)
      const asset = await reading
      if (!asset) {
        // Anyone can make up names without end.
        kept.delete(name)
        throw notFound()
      }
      const isGzip = /\bgzip\b/.test(c.req.header('accept-encoding') ?? '')
      if (isGzip) c.header('content-encoding', 'gzip')
      return c.body(isGzip ? asset.gzipped : asset.bytes, 200, {
        'content-type': types[name.slice(name.lastIndexOf('.') + 1)] ?? 'application/octet-stream',
        'cache-control': 'public, max-age=31536000, immutable',
        vary: 'accept-encoding',
      })
    },
  }
}

type Asset = { bytes: Uint8Array<ArrayBuffer>; gzipped: Uint8Array<ArrayBuffer> }

async function readAsset(path: string): Promise<Asset | undefined> {
  const bytes = await readFile(path).catch(() => undefined)
  return bytes && { bytes: new Uint8Array(bytes), gzipped: new Uint8Array(gzipSync(bytes, { level: 9 })) }
}

function readManifest(folder: string): Record<string, string> {
  const path = join(folder, 'manifest.json')
  return existsSync(path)
    ? z.record(z.string(), z.string()).parse(JSON.parse(readFileSync(path, 'utf8')))
    : {}
}
