import { type Kysely, sql } from 'kysely'

// Lists of people with a feed each, hashtags people follow, and how much a hashtag is used by the day.
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of [lists, tagFollows, tagHistory]) await sql.raw(statement).execute(db)
}

// Who is followed no longer is on no list any more: a membership hangs on its follow, and only one's own has none.
const lists = `
create table lists (
  id bigint primary key default new_id(),
  account_id bigint not null references accounts on delete cascade,
  title text not null,
  replies_policy text not null default 'list' check (replies_policy in ('followed', 'list', 'none')),
  is_exclusive boolean not null default false,
  created_at timestamptz not null default now()
);
create index lists_by_account on lists (account_id, id);

create table list_accounts (
  list_id bigint not null references lists on delete cascade,
  account_id bigint not null references accounts on delete cascade,
  follow_id bigint references follows on delete cascade,
  primary key (list_id, account_id)
);
create index list_accounts_by_account on list_accounts (account_id);
create index list_accounts_by_follow on list_accounts (follow_id) where follow_id is not null;

create table list_entries (
  list_id bigint not null references lists on delete cascade,
  note_id bigint not null references notes on delete cascade,
  author_id bigint not null,
  boost_of_id bigint,
  primary key (list_id, note_id)
);
create index list_entries_by_note on list_entries (note_id);
create index list_entries_by_author on list_entries (list_id, author_id);
`

const tagFollows = `
create table tag_follows (
  id bigint primary key default new_id(),
  account_id bigint not null references accounts on delete cascade,
  tag_id bigint not null references tags on delete cascade,
  created_at timestamptz not null default now(),
  unique (account_id, tag_id)
);
create index tag_follows_by_account on tag_follows (account_id, id desc);
create index tag_follows_by_tag on tag_follows (tag_id);
`

// Days are counted from 1970 on, in UTC. Nothing here outlives a week, so accounts are not referred to.
const tagHistory = `
create table tag_uses (
  tag_id bigint not null,
  day integer not null,
  account_id bigint not null
);
create index tag_uses_by_tag on tag_uses (tag_id, day);

create table tag_users (
  day integer not null,
  tag_id bigint not null references tags on delete cascade,
  account_id bigint not null,
  primary key (day, tag_id, account_id)
);

create table tag_days (
  day integer not null,
  tag_id bigint not null references tags on delete cascade,
  uses integer not null,
  accounts integer not null,
  primary key (day, tag_id)
);
`
