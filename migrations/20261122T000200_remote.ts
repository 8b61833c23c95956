import { type Kysely, sql } from 'kysely'

// What is kept of other servers: copies of their media, inboxes that are no more, and the bridge to Bluesky.
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of [files, inboxes, bridges]) await sql.raw(statement).execute(db)
}

// A copy goes when others are used more; its row stays for as long as something refers to the address.
const files = `
create table remote_files (
  id bigint primary key default new_id(),
  url text not null unique,
  variant text not null default 'original' check (variant in ('original', 'small')),
  file_key text,
  media_type text,
  byte_size bigint not null default 0,
  width integer,
  height integer,
  state text not null default 'new' check (state in ('new', 'stored', 'refused', 'failed')),
  tried_at timestamptz,
  last_used_at timestamptz not null default now(),
  created_at timestamptz not null default now()
);
create index remote_files_least_used on remote_files (last_used_at) where file_key is not null;
`

const inboxes = `
create table retired_inboxes (
  inbox text primary key,
  retired_at timestamptz not null default now()
);
`

const bridges = `
create table bluesky_bridges (
  account_id bigint primary key references accounts on delete cascade,
  state text not null check (state in ('asked', 'active', 'refused', 'ended')),
  handle text,
  reason text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
`
