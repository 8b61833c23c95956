import { generateKeyPairSync, sign, verify } from 'node:crypto'
import type { Client as Sql } from 'pg'
import { cpuSeconds } from './processes.ts'

const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const text = Buffer.alloc(300, 'a')
const signature = sign('sha256', text, privateKey)

/** RSA-2048 signatures per CPU-second of this machine, now. */
export function signaturesPerSecond(): number {
  return ratePerCpuSecond(() => void sign('sha256', text, privateKey))
}

/** RSA-2048 verifications per CPU-second of this machine, now. */
export function verificationsPerSecond(): number {
  return ratePerCpuSecond(() => void verify('sha256', text, publicKey, signature))
}

function ratePerCpuSecond(work: () => void): number {
  for (let index = 0; index < 200; index += 1) work()
  const startedAt = process.cpuUsage()
  let count = 0
  let spent = 0
  while (spent < 0.4) {
    for (let index = 0; index < 50; index += 1) work()
    count += 50
    const { user, system } = process.cpuUsage(startedAt)
    spent = (user + system) / 1_000_000
  }
  return count / spent
}

/** Committed inserts of one row by pg per CPU-second of this process and the database. */
export async function insertsPerSecond(sql: Sql, serverPid: number): Promise<number> {
  const count = 1_500
  const insertOne = (index: number) =>
    sql.query('insert into bench_rows (text) values ($1)', [`The row of number ${index}`])
  await sql.query('create table bench_rows (id bigserial primary key, text text not null)')
  try {
    for (let index = 0; index < 200; index += 1) await insertOne(index)
    const [here, there] = [process.cpuUsage(), cpuSeconds(serverPid).database]
    for (let index = 0; index < count; index += 1) await insertOne(index)
    const { user, system } = process.cpuUsage(here)
    return count / ((user + system) / 1_000_000 + cpuSeconds(serverPid).database - there)
  } finally {
    await sql.query('drop table bench_rows')
  }
}
