import { type Kysely, sql } from 'kysely'

// What notes can be and what can be done with them beyond likes and boosts: polls, reactions, quotes, versions,
// link previews; and the emoji they are written with.
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of [
    noteColumns,
    polls,
    reactions,
    quotes,
    attachments,
    versions,
    previews,
    notifications,
  ])
    await sql.raw(statement).execute(db)
}

// quote_state is of the note that quotes; quote_policy says who may quote this one.
const noteColumns = `
alter table notes
  add column object_type text not null default 'Note' check (object_type in
    ('Note', 'Question', 'Article', 'Page', 'Video', 'Image', 'Audio', 'Event')),
  add column replies_uri text,
  add column context_uri text,
  add column replies_fetched_at timestamptz,
  add column quote_of_id bigint references notes on delete set null,
  add column quote_of_uri text,
  add column quote_state text check (quote_state in ('pending', 'accepted', 'rejected', 'revoked')),
  add column quote_authorization_uri text,
  add column quote_is_legacy boolean not null default false,
  add column quote_policy text not null default 'public' check (quote_policy in ('public', 'followers', 'nobody')),
  add column quotes_count integer not null default 0 check (quotes_count >= 0),
  add check ((quote_of_uri is null) = (quote_state is null));
create index notes_quotes on notes (quote_of_id, id desc) where quote_of_id is not null;
create index notes_awaiting_quoted on notes (quote_of_uri) where quote_of_id is null and quote_of_uri is not null;
create index notes_by_quote_authorization on notes (quote_authorization_uri) where quote_authorization_uri is not null;
create index notes_by_conversation on notes (conversation_uri, id);

alter table generations add column remix_of_id bigint references notes on delete set null;

alter table users
  add column default_quote_policy text not null default 'public'
    check (default_quote_policy in ('public', 'followers', 'nobody'));
`

// A poll is its note's: they share an id. Of a remote one the counts are its server's.
const polls = `
create table polls (
  note_id bigint primary key references notes on delete cascade,
  is_multiple boolean not null,
  ends_at timestamptz,
  closed_at timestamptz,
  voters_count integer not null default 0 check (voters_count >= 0)
);

create table poll_options (
  note_id bigint not null references polls on delete cascade,
  position smallint not null,
  title text not null,
  votes_count integer not null default 0 check (votes_count >= 0),
  primary key (note_id, position)
);

create table poll_votes (
  id bigint primary key default new_id(),
  note_id bigint not null,
  position smallint not null,
  account_id bigint not null references accounts on delete cascade,
  uri text unique,
  created_at timestamptz not null default now(),
  foreign key (note_id, position) references poll_options on delete cascade,
  unique (note_id, account_id, position)
);
create index poll_votes_by_account on poll_votes (account_id);
`

// name: an emoji character, or the shortcode of a custom one, without colons and with its domain if it is remote.
const reactions = `
create table reactions (
  id bigint primary key default new_id(),
  account_id bigint not null references accounts on delete cascade,
  note_id bigint not null references notes on delete cascade,
  name text not null,
  emoji_url text,
  uri text not null unique,
  created_at timestamptz not null default now(),
  unique (account_id, note_id, name)
);
create index reactions_by_note on reactions (note_id, id);

create table custom_emojis (
  shortcode text primary key,
  file_key text not null,
  media_type text not null,
  category text,
  created_at timestamptz not null default now()
);
`

// What authors here allowed (FEP-044f): its address is the proof that the quoting server shows around.
const quotes = `
create table quote_authorizations (
  id bigint primary key default new_id(),
  quoted_note_id bigint not null references notes on delete cascade,
  quoting_uri text not null,
  quoting_account_id bigint not null references accounts on delete cascade,
  request_uri text,
  state text not null check (state in ('pending', 'accepted', 'rejected', 'revoked')),
  created_at timestamptz not null default now(),
  unique (quoted_note_id, quoting_uri)
);
create index quote_authorizations_by_account on quote_authorizations (quoting_account_id);
`

// What stands for a film or a sound of another server until it plays.
const attachments = `
alter table media add column preview_remote_url text;
`

const versions = `
create table note_versions (
  id bigint primary key default new_id(),
  note_id bigint not null references notes on delete cascade,
  content_html text not null,
  summary text not null,
  is_sensitive boolean not null,
  emojis jsonb not null default '[]',
  media jsonb not null default '[]',
  poll_options text[],
  written_at timestamptz not null
);
create index note_versions_by_note on note_versions (note_id, id);
`

const previews = `
create table preview_cards (
  id bigint primary key default new_id(),
  url text not null unique,
  title text not null default '',
  description text not null default '',
  language text,
  author_name text not null default '',
  author_url text not null default '',
  provider_name text not null default '',
  image_remote_url text,
  image_description text not null default '',
  image_width integer,
  image_height integer,
  published_at timestamptz,
  state text not null default 'new' check (state in ('new', 'found', 'empty')),
  fetched_at timestamptz
);
alter table notes add column preview_card_id bigint references preview_cards on delete set null;
create index notes_by_preview_card on notes (preview_card_id) where preview_card_id is not null;
`

const notifications = `
alter table notifications drop constraint notifications_kind_check;
alter table notifications add constraint notifications_kind_check check (kind in
  ('mention', 'boost', 'like', 'follow', 'follow_request', 'status', 'update', 'remix',
   'poll', 'reaction', 'quote', 'quoted_update', 'report', 'move'));
`
