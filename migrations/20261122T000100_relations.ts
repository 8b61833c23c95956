import { type Kysely, sql } from 'kysely'

// Whom people do not want to see or be seen by, what they report, what they show on their profile, where they moved.
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of [refusals, reports, profiles]) await sql.raw(statement).execute(db)
}

const refusals = `
create table blocks (
  id bigint primary key default new_id(),
  account_id bigint not null references accounts on delete cascade,
  target_id bigint not null references accounts on delete cascade,
  uri text not null unique,
  created_at timestamptz not null default now(),
  unique (account_id, target_id),
  check (account_id <> target_id)
);
create index blocks_by_target on blocks (target_id);

create table mutes (
  id bigint primary key default new_id(),
  account_id bigint not null references accounts on delete cascade,
  target_id bigint not null references accounts on delete cascade,
  hides_notifications boolean not null default true,
  expires_at timestamptz,
  created_at timestamptz not null default now(),
  unique (account_id, target_id),
  check (account_id <> target_id)
);
create index mutes_by_target on mutes (target_id);
create index mutes_ending on mutes (expires_at) where expires_at is not null;

create table person_domain_blocks (
  id bigint primary key default new_id(),
  account_id bigint not null references accounts on delete cascade,
  domain text not null,
  created_at timestamptz not null default now(),
  unique (account_id, domain)
);
create index person_domain_blocks_by_domain on person_domain_blocks (domain);

create table conversation_mutes (
  account_id bigint not null references accounts on delete cascade,
  conversation_uri text not null,
  created_at timestamptz not null default now(),
  primary key (account_id, conversation_uri)
);
`

const reports = `
create table reports (
  id bigint primary key default new_id(),
  account_id bigint not null references accounts on delete cascade,
  target_id bigint not null references accounts on delete cascade,
  uri text not null unique,
  note_ids bigint[] not null default '{}',
  comment text not null default '',
  category text not null default 'other' check (category in ('spam', 'legal', 'violation', 'other')),
  is_forwarded boolean not null default false,
  resolved_at timestamptz,
  resolved_by_id bigint references accounts on delete set null,
  created_at timestamptz not null default now()
);
create index reports_open on reports (id desc) where resolved_at is null;
create index reports_by_target on reports (target_id);
create index reports_by_account on reports (account_id);
create index reports_by_resolver on reports (resolved_by_id) where resolved_by_id is not null;

alter table notifications
  add column report_id bigint references reports on delete cascade,
  drop constraint notifications_account_id_kind_from_account_id_note_id_key,
  add unique nulls not distinct (account_id, kind, from_account_id, note_id, report_id);
create index notifications_by_report on notifications (report_id) where report_id is not null;
`

const profiles = `
alter table accounts
  add column featured_tags_uri text,
  add column moved_to_id bigint references accounts on delete set null,
  add column moved_to_uri text,
  add column moved_at timestamptz,
  add column explored_at timestamptz;
create index accounts_by_moved_to on accounts (moved_to_id) where moved_to_id is not null;

create table pins (
  id bigint primary key default new_id(),
  account_id bigint not null references accounts on delete cascade,
  note_id bigint not null references notes on delete cascade,
  created_at timestamptz not null default now(),
  unique (account_id, note_id)
);
create index pins_by_note on pins (note_id);

create table featured_tags (
  id bigint primary key default new_id(),
  account_id bigint not null references accounts on delete cascade,
  tag_id bigint not null references tags on delete cascade,
  created_at timestamptz not null default now(),
  unique (account_id, tag_id)
);
create index featured_tags_by_tag on featured_tags (tag_id);
`
