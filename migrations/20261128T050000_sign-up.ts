import { type Kysely, sql } from 'kysely'

// Letters with links in them, invitations, and what is asked of whoever signs up by themselves. A link's token is made
// of its seed and the server's secret whenever it is needed, so that neither a row here nor one of jobs opens a door.
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of [mailLinks, invites, users]) await sql.raw(statement).execute(db)
}

const mailLinks = `
create table mail_links (
  id bigint primary key default new_id(),
  user_id bigint not null references users on delete cascade,
  purpose text not null check (purpose in ('confirm', 'reset')),
  email text not null,
  seed text not null,
  token_hash text not null unique,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  used_at timestamptz
);
create index mail_links_by_user on mail_links (user_id);
create index mail_links_age on mail_links (expires_at);
`

const invites = `
create table invites (
  id bigint primary key default new_id(),
  account_id bigint not null references accounts on delete cascade,
  seed text not null,
  token_hash text not null unique,
  max_uses integer check (max_uses > 0),
  uses integer not null default 0,
  created_at timestamptz not null default now(),
  expires_at timestamptz,
  check (max_uses is null or uses <= max_uses)
);
create index invites_by_account on invites (account_id, id desc);
`

const users = `
alter table users
  add column sign_up_reason text,
  add column sign_up_application_id bigint references applications on delete set null,
  add column invite_id bigint references invites on delete set null;
create index users_pending on users (id) where approved_at is null;
create index users_unconfirmed on users (created_at) where confirmed_at is null;
create index users_by_sign_up_application on users (sign_up_application_id)
  where sign_up_application_id is not null;
create index users_by_invite on users (invite_id) where invite_id is not null;
`
