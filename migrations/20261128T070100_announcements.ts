import { type Kysely, sql } from 'kysely'

// What those who run the server have to say to its people, who set it aside or react to it.
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of [announcements, dismissals, reactions]) await sql.raw(statement).execute(db)
}

const announcements = `
create table announcements (
  id bigint primary key default new_id(),
  text text not null check (text <> ''),
  starts_at timestamptz,
  ends_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  check (ends_at > starts_at)
);
`

const dismissals = `
create table announcement_dismissals (
  announcement_id bigint not null references announcements on delete cascade,
  account_id bigint not null references accounts on delete cascade,
  primary key (account_id, announcement_id)
);
create index announcement_dismissals_by_announcement on announcement_dismissals (announcement_id);
`

const reactions = `
create table announcement_reactions (
  announcement_id bigint not null references announcements on delete cascade,
  account_id bigint not null references accounts on delete cascade,
  name text not null,
  emoji_url text,
  created_at timestamptz not null default now(),
  primary key (announcement_id, account_id, name)
);
create index announcement_reactions_by_account on announcement_reactions (account_id);
`
