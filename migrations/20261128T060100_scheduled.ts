import { type Kysely, sql } from 'kysely'

// Notes that are posted at their time, and the pictures they keep until then.
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw(statements).execute(db)
}

const statements = `
create table scheduled_notes (
  id bigint primary key default new_id(),
  account_id bigint not null references accounts on delete cascade,
  application_id bigint,
  scheduled_at timestamptz not null,
  form jsonb not null,
  created_at timestamptz not null default now()
);
create index scheduled_notes_by_account on scheduled_notes (account_id, id desc);

alter table media add column scheduled_note_id bigint references scheduled_notes on delete set null;
create index media_by_scheduled_note on media (scheduled_note_id) where scheduled_note_id is not null;

alter table idempotency_keys drop constraint idempotency_keys_purpose_check;
alter table idempotency_keys add constraint idempotency_keys_purpose_check
  check (purpose in ('note', 'generation', 'scheduled_note'));
`
