import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { chooseRunAs, type RunAs } from '#src/db/embedded/run-as.ts'

let folder: string
let home: string
let program: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pinxit-run-as-'))
  chmodSync(folder, 0o755)
  home = join(folder, 'postgres')
  mkdirSync(home, { mode: 0o700 })
  program = join(folder, 'packages', 'program')
  mkdirSync(join(folder, 'packages'))
  writeFileSync(program, '#!/bin/sh\nid -u\n')
  chmodSync(program, 0o755)
})

afterEach(() => rmSync(folder, { recursive: true }))

function output(runAs: RunAs): string {
  // As initdb looks for its companions: by access(2), then by running them.
  const script = ['/bin/sh', '-c', 'test -x "$0" && exec "$0"', program]
  const [command = '', ...args] = [...runAs.prefix, ...script]
  return spawnSync(command, args, {
    uid: runAs.uid,
    gid: runAs.gid,
    cwd: '/',
    encoding: 'utf8',
  }).stdout.trim()
}

test('programs run as the owner of the folder, who is never root', () => {
  const runAs = chooseRunAs(home, [program, home])
  expect(output(runAs)).toBe(String(statSync(home).uid))
  expect(statSync(home).uid).not.toBe(0)
})

test('programs in a folder that is closed to others run all the same', () => {
  chmodSync(join(folder, 'packages'), 0o700)
  expect(output(chooseRunAs(home, [program, home]))).toBe(String(statSync(home).uid))
})

test('programs that are closed to others run all the same', () => {
  chmodSync(program, 0o700)
  expect(output(chooseRunAs(home, [program, home]))).toBe(String(statSync(home).uid))
})
