import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '#tests/support/database.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.destroy())

type Column = { table: string; column: string; type: string; isNullable: boolean; hasDefault: boolean }

it('has row types that match the migrated schema', async () => {
  const { rows } = await sql<Column>`
    select table_name as "table", column_name as "column", udt_name as "type",
      is_nullable = 'YES' as "isNullable", column_default is not null as "hasDefault"
    from information_schema.columns
    where table_schema = 'public' and table_name not like 'kysely_%'
    order by table_name, ordinal_position`.execute(database.db)
  const migrated = rows.map((row) => `${row.table}.${row.column}: ${kindOf(row)}`)
  expect(declaredColumns().sort()).toEqual(migrated.sort())
})

/** What a column reads as in TypeScript: its base type, and whether it may be null or left out on insert. */
function kindOf({ type, isNullable, hasDefault }: Column): string {
  const base: Record<string, string> = {
    int8: 'string',
    numeric: 'string',
    text: 'string',
    bool: 'boolean',
    int2: 'number',
    int4: 'number',
    float4: 'number',
    float8: 'number',
    timestamptz: 'Date',
    jsonb: 'json',
    json: 'json',
    _text: 'string[]',
    _int8: 'string[]',
  }
  return `${base[type] ?? type}${isNullable ? ' | null' : ''}${hasDefault ? ' (defaulted)' : ''}`
}

/** Reads the declarations themselves: types are gone when a test runs. */
function declaredColumns(): string[] {
  const folder = join(import.meta.dirname, '../../src/db')
  const source = readdirSync(folder)
    .filter((name) => /^tables.*\.ts$/.test(name))
    .map((name) => readFileSync(join(folder, name), 'utf8').replace(/\/\*\*[\s\S]*?\*\/|\/\/.*$/gm, ''))
    .join('\n')
  const tables = new Map(
    [...source.matchAll(/^ {2}(\w+): (?:\w+\.)?(\w+Table)$/gm)].map((match) => [match[2], match[1]]),
  )
  return [...source.matchAll(/export type (\w+Table) = \{([\s\S]*?)\n?\}\n/g)].flatMap((match) => {
    const table = tables.get(match[1]) ?? `no table for ${match[1]}`
    const columns = (match[2] ?? '').split(/[;\n]/).map((line) => line.trim())
    return columns
      .filter((line) => /^\w+: /.test(line))
      .map((line) => {
        const [name = '', ...type] = line.split(': ')
        return `${table}.${name}: ${kindOfDeclared(type.join(': '))}`
      })
  })
}

function kindOfDeclared(declared: string): string {
  const isDefaulted = /^Generated<|^Defaulted|^Json</.test(declared)
  const isNullable = /\| null|^NullableTimestamp/.test(declared)
  const inner = declared.replace(/^Generated<(.*)>$/, '$1').replace(/\s*\|\s*null/, '')
  return `${baseOf(inner)}${isNullable ? ' | null' : ''}${isDefaulted ? ' (defaulted)' : ''}`
}

function baseOf(type: string): string {
  if (/Timestamp$|^Date$|^ColumnType<Date/.test(type)) return 'Date'
  if (/^(Json<|JSONColumnType<|ColumnType<unknown|JsonText)/.test(type)) return 'json'
  if (type === 'boolean' || type === 'number' || type === 'string[]') return type
  return type === 'Id[]' ? 'string[]' : 'string'
}
