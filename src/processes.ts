import type { Config } from './base/config.ts'

/** The two that a large machine runs: what answers over HTTP, and what works on jobs. */
export type ProcessKind = 'web' | 'worker'

const enoughCores = 4

/**
 * Whether web and worker run in processes of their own under a parent: where nobody said what this process is to do,
 * and the machine has cores for both and for the database. Not where the system chooses the port, since then only the
 * process that listens knows the server's address.
 */
export function hasProcessesOfItsOwn({
  role,
  cores,
  publicUrl,
}: Pick<Config, 'role' | 'cores' | 'publicUrl'>): boolean {
  return role === undefined && cores >= enoughCores && publicUrl !== undefined
}

/** What a child tells its parent. `failed`: it cannot run, in words for the operator. */
export type ToParent = { ready: true } | { failed: string }

/** What the web process hears: whether jobs are worked on, and that it is time to greet the operator. */
export type ToWeb = { isWorkerReady: boolean } | { greet: true }
