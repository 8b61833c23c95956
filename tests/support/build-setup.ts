import { join } from 'node:path'
import { buildIfChanged } from '#src/build.ts'

/** Makes what the browser loads, so that tests see the pages as people do. */
export default async function setup(): Promise<void> {
  await buildIfChanged(join(import.meta.dirname, '..', '..'), { log: () => undefined })
}
