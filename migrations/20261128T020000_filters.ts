import { type Kysely, sql } from 'kysely'

// What people do not want to meet, by its words or note by note, and what is to become of AI pictures for them.
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of [filters, aiDisplay]) await sql.raw(statement).execute(db)
}

const filters = `
create table filters (
  id bigint primary key default new_id(),
  account_id bigint not null references accounts on delete cascade,
  title text not null,
  contexts text[] not null
    check (cardinality(contexts) > 0 and contexts <@ array['home', 'notifications', 'public', 'thread', 'account']),
  action text not null default 'warn' check (action in ('warn', 'hide', 'blur')),
  expires_at timestamptz,
  created_at timestamptz not null default now()
);
create index filters_by_account on filters (account_id, id);

create table filter_keywords (
  id bigint primary key default new_id(),
  filter_id bigint not null references filters on delete cascade,
  keyword text not null check (keyword <> ''),
  is_whole_word boolean not null default true
);
create index filter_keywords_by_filter on filter_keywords (filter_id, id);

create table filter_notes (
  id bigint primary key default new_id(),
  filter_id bigint not null references filters on delete cascade,
  note_id bigint not null references notes on delete cascade,
  unique (filter_id, note_id)
);
create index filter_notes_by_note on filter_notes (note_id);
`

const aiDisplay = `
alter table users
  add column ai_display text not null default 'show' check (ai_display in ('show', 'blur', 'hide'));
`
