import { type Kysely, sql } from 'kysely'

// What is kept of other servers: copies of their media, inboxes that are no more, and the bridge to Bluesky.
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of [files, ages, inboxes, bridges]) await sql.raw(statement).execute(db)
}

// A copy goes when others are used more; its row stays for as long as something refers to the address.
const files = `
create table remote_files (
  id bigint primary key default new_id(),
  url text not null,
  variant text not null default 'original' check (variant in ('original', 'small', 'avatar', 'emoji')),
  file_key text,
  media_type text,
  byte_size bigint not null default 0,
  state text not null default 'new' check (state in ('new', 'stored', 'refused', 'failed')),
  tried_at timestamptz,
  last_used_at timestamptz not null default now(),
  created_at timestamptz not null default now(),
  unique (url, variant)
);
create index remote_files_least_used on remote_files (last_used_at) include (byte_size) where file_key is not null;
`

// When a note came here is not when it was written: an old one that somebody looked up yesterday is kept.
const ages = `
alter table notes add column stored_at timestamptz not null default now();
create index notes_remote_by_age on notes (stored_at, id) where not is_local;
create index notes_by_answered_author on notes (in_reply_to_account_id) where in_reply_to_account_id is not null;
create index home_entries_by_boosted on home_entries (boost_of_id) where boost_of_id is not null;
create index generations_by_remixed on generations (remix_of_id) where remix_of_id is not null;
create index accounts_remote_by_age on accounts (id) where domain is not null and suspended_at is null;
-- Deleting an account looks for all its notes. Its home entries go with these, and are too many to look for.
drop index notes_by_account;
create index notes_by_account on notes (account_id, id desc);
alter table home_entries drop constraint home_entries_author_id_fkey;
create index accounts_out_of_sight on accounts (id) where suspended_at is not null or deleted_at is not null;
`

const inboxes = `
create table retired_inboxes (
  inbox text primary key,
  misses integer not null default 1,
  missed_at timestamptz not null,
  retired_at timestamptz
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
