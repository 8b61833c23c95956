import type { Compilable, CompiledQuery, Kysely } from 'kysely'
import type { Database, Id } from './tables.ts'

type Value = Id | readonly Id[] | number | boolean | null | undefined

/**
 * A statement that is built once for all values: for the large ones Kysely takes as long as Postgres does. Texts and
 * lists are put in each time, and `build` must not look into them; all other values are part of the statement.
 */
export function reusable<Values extends Record<string, Value>, Row>(
  build: (db: Kysely<Database>, values: Values) => Compilable<Row>,
): (db: Kysely<Database>, values: Values) => Promise<Row[]> {
  const built = new Map<string, CompiledQuery<Row>>()
  return async (db, values) => {
    const shape = JSON.stringify(values, (_name, value) => (isPutIn(value) ? '' : value))
    const query = built.get(shape) ?? build(db, withPlaces(values)).compile()
    built.set(shape, query)
    const parameters = query.parameters.map((one) => (one instanceof Place ? values[one.name] : one))
    return (await db.executeQuery<Row>({ ...query, parameters })).rows
  }
}

const isPutIn = (value: unknown) => typeof value === 'string' || Array.isArray(value)

class Place {
  readonly name: string
  constructor(name: string) {
    this.name = name
  }
}

function withPlaces<Values extends Record<string, Value>>(values: Values): Values {
  const placed = Object.entries(values).map(([name, value]) => [
    name,
    isPutIn(value) ? new Place(name) : value,
  ])
  return Object.fromEntries(placed)
}
