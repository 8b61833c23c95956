import { type Kysely, sql } from 'kysely'

// Who may come in: browsers by session, apps by grant, the first owner by a link printed at start. Everything
// that opens a door is stored as a hash.
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of [applications, sessions, limits]) await sql.raw(statement).execute(db)
}

const applications = `
create table applications (
  id bigint primary key default new_id(),
  client_id text not null unique,
  client_secret_hash text not null,
  name text not null,
  website text,
  redirect_uris text[] not null,
  scopes text[] not null,
  created_at timestamptz not null default now()
);
alter table notes add constraint notes_application
  foreign key (application_id) references applications on delete set null;
create index notes_by_application on notes (application_id) where application_id is not null;

create table authorization_codes (
  id bigint primary key default new_id(),
  code_hash text not null unique,
  application_id bigint not null references applications on delete cascade,
  account_id bigint not null references accounts on delete cascade,
  redirect_uri text not null,
  scopes text[] not null,
  code_challenge text,
  expires_at timestamptz not null,
  used_at timestamptz,
  created_at timestamptz not null default now()
);
create index authorization_codes_by_account on authorization_codes (account_id);
create index authorization_codes_age on authorization_codes (expires_at);

create table access_tokens (
  id bigint primary key default new_id(),
  token_hash text not null unique,
  application_id bigint references applications on delete cascade,
  account_id bigint references accounts on delete cascade,
  authorization_code_id bigint references authorization_codes on delete set null,
  scopes text[] not null,
  last_used_at timestamptz,
  revoked_at timestamptz,
  created_at timestamptz not null default now(),
  check (application_id is not null or account_id is not null)
);
create index access_tokens_by_account on access_tokens (account_id) where account_id is not null;
create index access_tokens_by_application on access_tokens (application_id) where application_id is not null;
create index access_tokens_by_code on access_tokens (authorization_code_id)
  where authorization_code_id is not null;
`

const sessions = `
create table sessions (
  id bigint primary key default new_id(),
  token_hash text not null unique,
  user_id bigint not null references users on delete cascade,
  user_agent text not null default '',
  created_at timestamptz not null default now(),
  expires_at timestamptz not null
);
create index sessions_by_user on sessions (user_id);
create index sessions_age on sessions (expires_at);

create table owner_links (
  id bigint primary key default new_id(),
  token_hash text not null unique,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  used_at timestamptz
);
`

// Unlogged: losing the counts in a crash costs nothing, and every wrong password writes here.
const limits = `
create unlogged table attempts (
  key text primary key,
  count integer not null,
  resets_at timestamptz not null
);
create index attempts_age on attempts (resets_at);
`
