import { type Kysely, sql } from 'kysely'

// Accounts, what they write, and how they relate. Ids are 48 bits of milliseconds and 16 of sequence, as
// Mastodon's are, so that an id sorts like the moment it stands for and remote notes sort by their own date.
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of [ids, accounts, notes, relations, feeds, records])
    await sql.raw(statement).execute(db)
}

const ids = `
create sequence id_sequence;
create function new_id(at timestamptz default clock_timestamp()) returns bigint language sql volatile as $$
  select (floor(extract(epoch from least(at, clock_timestamp())) * 1000)::bigint << 16)
    | (nextval('id_sequence') & 65535)
$$;
`

const accounts = `
create table accounts (
  id bigint primary key default new_id(),
  username text not null,
  domain text,
  uri text not null unique,
  url text not null,
  kind text not null default 'Person'
    check (kind in ('Person', 'Service', 'Group', 'Organization', 'Application')),
  name text not null default '',
  bio_text text,
  bio_html text not null default '',
  fields jsonb not null default '[]',
  emojis jsonb not null default '[]',
  avatar_key text,
  avatar_remote_url text,
  header_key text,
  header_remote_url text,
  is_locked boolean not null default false,
  is_discoverable boolean not null default true,
  is_indexable boolean not null default false,
  inbox_uri text not null,
  shared_inbox_uri text,
  outbox_uri text,
  followers_uri text,
  following_uri text,
  featured_uri text,
  also_known_as text[] not null default '{}',
  followers_count integer not null default 0 check (followers_count >= 0),
  following_count integer not null default 0 check (following_count >= 0),
  notes_count integer not null default 0 check (notes_count >= 0),
  last_note_at timestamptz,
  default_remix_policy text not null default 'nobody' check (default_remix_policy in ('nobody', 'followers', 'anyone')),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  fetched_at timestamptz,
  suspended_at timestamptz,
  deleted_at timestamptz
);
create unique index accounts_handle on accounts (lower(username), coalesce(domain, ''));
create unique index accounts_instance_actor on accounts (kind) where domain is null and kind = 'Application';
create index accounts_url on accounts using hash (url);
create index accounts_domain on accounts (domain) where domain is not null;

create table account_keys (
  account_id bigint not null references accounts on delete cascade,
  kind text not null check (kind in ('rsa', 'ed25519')),
  key_uri text not null unique,
  public_jwk jsonb not null,
  private_encrypted text not null,
  created_at timestamptz not null default now(),
  primary key (account_id, kind)
);

create table users (
  id bigint primary key default new_id(),
  account_id bigint not null unique references accounts on delete cascade,
  email text not null,
  password_hash text not null,
  role text not null default 'user' check (role in ('user', 'moderator', 'admin', 'owner')),
  locale text,
  default_visibility text not null default 'public'
    check (default_visibility in ('public', 'unlisted', 'followers', 'direct')),
  default_is_sensitive boolean not null default false,
  default_language text,
  confirmed_at timestamptz,
  approved_at timestamptz,
  disabled_at timestamptz,
  last_active_at timestamptz not null default now(),
  created_at timestamptz not null default now()
);
create unique index users_email on users (lower(email));

create table instances (
  domain text primary key,
  software text,
  software_version text,
  first_seen_at timestamptz not null default now(),
  last_seen_at timestamptz not null default now()
);

create table domain_blocks (
  domain text primary key,
  reason text not null default '',
  created_at timestamptz not null default now()
);
`

const notes = `
create table notes (
  id bigint primary key default new_id(),
  uri text not null unique,
  url text not null,
  account_id bigint not null references accounts on delete cascade,
  is_local boolean not null,
  boost_of_id bigint references notes on delete cascade,
  in_reply_to_id bigint references notes on delete set null,
  in_reply_to_account_id bigint references accounts on delete set null,
  in_reply_to_uri text,
  conversation_uri text not null,
  visibility text not null check (visibility in ('public', 'unlisted', 'followers', 'direct')),
  text text,
  content_html text not null default '',
  summary text not null default '',
  is_sensitive boolean not null default false,
  language text,
  emojis jsonb not null default '[]',
  application_id bigint,
  replies_count integer not null default 0 check (replies_count >= 0),
  boosts_count integer not null default 0 check (boosts_count >= 0),
  likes_count integer not null default 0 check (likes_count >= 0),
  remixes_count integer not null default 0 check (remixes_count >= 0),
  prompt_visibility text not null default 'hidden' check (prompt_visibility in ('hidden', 'public')),
  remix_policy text not null default 'nobody' check (remix_policy in ('nobody', 'followers', 'anyone')),
  remix_of_id bigint references notes on delete set null,
  remix_of_uri text,
  published_at timestamptz not null default now(),
  edited_at timestamptz,
  deleted_at timestamptz
);
create unique index notes_one_boost on notes (account_id, boost_of_id) where boost_of_id is not null and deleted_at is null;
create index notes_url on notes using hash (url);
create index notes_by_account on notes (account_id, id desc) where deleted_at is null;
create index notes_public on notes (id desc) where visibility = 'public' and boost_of_id is null and deleted_at is null;
create index notes_public_local on notes (id desc)
  where visibility = 'public' and boost_of_id is null and deleted_at is null and is_local;
create index notes_replies on notes (in_reply_to_id, id) where in_reply_to_id is not null;
create index notes_awaiting_parent on notes (in_reply_to_uri) where in_reply_to_id is null and in_reply_to_uri is not null;
create index notes_boosts on notes (boost_of_id) where boost_of_id is not null;
create index notes_remixes on notes (remix_of_id) where remix_of_id is not null;
create index notes_remixes_by_uri on notes (remix_of_uri) where remix_of_uri is not null;

create table mentions (
  note_id bigint not null references notes on delete cascade,
  account_id bigint not null references accounts on delete cascade,
  primary key (note_id, account_id)
);
create index mentions_by_account on mentions (account_id, note_id desc);

create table tags (
  id bigint primary key default new_id(),
  name text not null unique,
  created_at timestamptz not null default now()
);
create table note_tags (
  note_id bigint not null references notes on delete cascade,
  tag_id bigint not null references tags on delete cascade,
  primary key (note_id, tag_id)
);
create index note_tags_by_tag on note_tags (tag_id, note_id desc);

create table media (
  id bigint primary key default new_id(),
  account_id bigint not null references accounts on delete cascade,
  note_id bigint references notes on delete set null,
  position smallint not null default 0,
  kind text not null default 'image' check (kind in ('image', 'video', 'audio', 'unknown')),
  media_type text not null,
  original_key text,
  file_key text,
  small_key text,
  remote_url text,
  width integer,
  height integer,
  small_width integer,
  small_height integer,
  blurhash text,
  focus_x real,
  focus_y real,
  description text not null default '',
  byte_size bigint,
  sha256 text,
  digital_source_type text,
  generator_name text,
  generator_url text,
  prompt text,
  generation_id bigint,
  created_at timestamptz not null default now(),
  check (file_key is not null or remote_url is not null)
);
create index media_by_note on media (note_id, position) where note_id is not null;
create index media_by_generation on media (generation_id, position) where generation_id is not null;
create index media_by_account on media (account_id);
create index media_unattached on media (created_at) where note_id is null;
`

const relations = `
create table follows (
  id bigint primary key default new_id(),
  follower_id bigint not null references accounts on delete cascade,
  followee_id bigint not null references accounts on delete cascade,
  uri text not null unique,
  state text not null check (state in ('pending', 'accepted')),
  show_boosts boolean not null default true,
  notify boolean not null default false,
  created_at timestamptz not null default now(),
  unique (follower_id, followee_id),
  check (follower_id <> followee_id)
);
create index follows_followers on follows (followee_id, id desc);
create index follows_following on follows (follower_id, id desc);

create table likes (
  id bigint primary key default new_id(),
  account_id bigint not null references accounts on delete cascade,
  note_id bigint not null references notes on delete cascade,
  uri text not null unique,
  created_at timestamptz not null default now(),
  unique (account_id, note_id)
);
create index likes_by_note on likes (note_id, id desc);

create table bookmarks (
  id bigint primary key default new_id(),
  account_id bigint not null references accounts on delete cascade,
  note_id bigint not null references notes on delete cascade,
  created_at timestamptz not null default now(),
  unique (account_id, note_id)
);
create index bookmarks_by_note on bookmarks (note_id);
`

const feeds = `
create table home_entries (
  account_id bigint not null references accounts on delete cascade,
  note_id bigint not null references notes on delete cascade,
  author_id bigint not null references accounts on delete cascade,
  boost_of_id bigint references notes on delete cascade,
  primary key (account_id, note_id)
);
create index home_entries_by_note on home_entries (note_id);
create index home_entries_by_author on home_entries (account_id, author_id);

create table notifications (
  id bigint primary key default new_id(),
  account_id bigint not null references accounts on delete cascade,
  kind text not null check (kind in
    ('mention', 'boost', 'like', 'follow', 'follow_request', 'status', 'update', 'remix')),
  from_account_id bigint not null references accounts on delete cascade,
  note_id bigint references notes on delete cascade,
  created_at timestamptz not null default now(),
  unique nulls not distinct (account_id, kind, from_account_id, note_id)
);
create index notifications_by_account on notifications (account_id, id desc);
create index notifications_by_sender on notifications (from_account_id);
create index notifications_by_note on notifications (note_id) where note_id is not null;

create table markers (
  account_id bigint not null references accounts on delete cascade,
  timeline text not null check (timeline in ('home', 'notifications')),
  last_read_id bigint not null,
  version integer not null default 1,
  updated_at timestamptz not null default now(),
  primary key (account_id, timeline)
);
`

const records = `
create table idempotency_keys (
  account_id bigint not null references accounts on delete cascade,
  purpose text not null check (purpose in ('note', 'generation')),
  key text not null,
  record_id bigint not null,
  created_at timestamptz not null default now(),
  primary key (account_id, purpose, key)
);
create index idempotency_keys_age on idempotency_keys (created_at);

create table consent_events (
  id bigint primary key default new_id(),
  account_id bigint not null references accounts on delete cascade,
  switch text not null check (switch in ('assistant', 'stream', 'dataset', 'training')),
  granted boolean not null,
  created_at timestamptz not null default now()
);
create index consent_events_by_account on consent_events (account_id, switch, id desc);

create table audit_log (
  id bigint primary key default new_id(),
  actor_account_id bigint references accounts on delete set null,
  action text not null,
  subject text not null default '',
  detail jsonb not null default '{}',
  created_at timestamptz not null default now()
);
create index audit_log_by_time on audit_log (id desc);

create table settings (
  name text primary key,
  value jsonb not null,
  updated_at timestamptz not null default now()
);
`
