import { type Kysely, sql } from 'kysely'

// What people keep of each other (a comment nobody else sees, whom they recommend, whom they do not want suggested),
// and what people and notes are found by: the directory, and the page a note links to.
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of [marks, directory, links]) await sql.raw(statement).execute(db)
}

const marks = `
create table account_comments (
  account_id bigint not null references accounts on delete cascade,
  target_id bigint not null references accounts on delete cascade,
  comment text not null,
  created_at timestamptz not null default now(),
  primary key (account_id, target_id)
);
create index account_comments_by_target on account_comments (target_id);

-- Nobody recommends whom they do not follow: an endorsement ends with its follow.
create table endorsements (
  id bigint primary key default new_id(),
  account_id bigint not null references accounts on delete cascade,
  target_id bigint not null references accounts on delete cascade,
  created_at timestamptz not null default now(),
  unique (account_id, target_id),
  foreign key (account_id, target_id) references follows (follower_id, followee_id) on delete cascade
);
create index endorsements_by_account on endorsements (account_id, id desc);
create index endorsements_by_target on endorsements (target_id);

create table dismissed_suggestions (
  account_id bigint not null references accounts on delete cascade,
  target_id bigint not null references accounts on delete cascade,
  created_at timestamptz not null default now(),
  primary key (account_id, target_id)
);
create index dismissed_suggestions_by_target on dismissed_suggestions (target_id);
`

// By nothing that changes with a note, so that counting one touches no index.
const directory = `
create index accounts_directory_local on accounts (id desc) where domain is null and is_discoverable;
`

const links = `
create index notes_public_by_preview_card on notes (preview_card_id, id desc)
  where preview_card_id is not null and visibility = 'public' and boost_of_id is null and deleted_at is null;
`
