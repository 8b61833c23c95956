import { parseConfig } from '#src/base/config.ts'
import { type Running, run } from '#src/run.ts'
import { freePort } from './server-process.ts'
import type { TestServer } from './test-server.ts'

export type SecondProcess = Running & {
  /** Where this one listens; to the world it has the address of the first. */
  ownUrl: string
}

/** Another web process of the same server, over the same database: like the first in all but its memory. */
export async function startSecondProcess({ app }: TestServer): Promise<SecondProcess> {
  const port = await freePort()
  const config = parseConfig({
    PORT: String(port),
    PUBLIC_URL: app.publicUrl,
    DATABASE_URL: app.databaseUrl,
    DATA_DIR: app.config.dataDir,
    ALLOW_PRIVATE_ADDRESSES: '1',
    ROLE: 'web',
  })
  return { ...(await run(config)), ownUrl: `http://localhost:${port}` }
}
