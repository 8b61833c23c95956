import { type Kysely, sql } from 'kysely'

// What a server asks of its people: rules, which reports may name, and the terms that hold from a day on.
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of [rules, terms, reports]) await sql.raw(statement).execute(db)
}

const rules = `
create table rules (
  id bigint generated always as identity primary key,
  position integer not null,
  text text not null check (text <> ''),
  hint text not null default '',
  deleted_at timestamptz,
  created_at timestamptz not null default now()
);
create unique index rules_position on rules (position) where deleted_at is null;
`

const terms = `
create table terms_of_service (
  effective_at timestamptz primary key,
  text text not null check (text <> ''),
  created_at timestamptz not null default now()
);
`

const reports = `alter table reports add column rule_ids bigint[] not null default '{}'`
