import { type Kysely, sql } from 'kysely'

// What people asked the image model for, what became of it, and what it cost.
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of [generations, calls, ledger]) await sql.raw(statement).execute(db)
}

// quota_pictures: what this one takes from its day's quota; nothing when it failed.
const generations = `
create table generations (
  id bigint primary key default new_id(),
  account_id bigint not null references accounts on delete cascade,
  state text not null default 'queued' check (state in ('queued', 'running', 'completed', 'failed', 'cancelled')),
  prompt text not null,
  aspect text not null,
  width integer not null,
  height integer not null,
  count smallint not null check (count between 1 and 4),
  quality text,
  reference_media_ids bigint[] not null default '{}',
  provider text not null,
  model text not null,
  is_ai boolean not null,
  error_code text,
  error_message text,
  cost_micro_usd bigint not null default 0 check (cost_micro_usd >= 0),
  quota_pictures smallint not null,
  events_count integer not null default 0,
  created_at timestamptz not null,
  started_at timestamptz,
  finished_at timestamptz,
  discarded_at timestamptz
);
create index generations_by_account on generations (account_id, id desc) where discarded_at is null;
create index generations_quota on generations (account_id, created_at) where quota_pictures > 0;
create index generations_unfinished on generations (id) where state in ('queued', 'running');

create table generation_events (
  generation_id bigint not null references generations on delete cascade,
  sequence integer not null,
  kind text not null check (kind in ('queued', 'running', 'partial', 'completed', 'failed', 'cancelled')),
  data jsonb not null default '{}',
  created_at timestamptz not null default now(),
  primary key (generation_id, sequence)
);
`

// Each call to a provider, for the operator; one without an end was cut off by its process's death. It outlives the
// generation, so nothing of it is a foreign key.
const calls = `
create table provider_calls (
  id bigint primary key default new_id(),
  generation_id bigint not null,
  account_id bigint not null,
  attempt integer not null,
  provider text not null,
  model text not null,
  prompt_hash text not null,
  outcome text check (outcome in ('painted', 'refused', 'cancelled', 'unusable')),
  error_code text,
  error_detail text,
  request_ids text[] not null default '{}',
  input_tokens integer not null default 0,
  output_tokens integer not null default 0,
  images integer not null default 0,
  cost_micro_usd bigint not null default 0,
  output_sha256 text[] not null default '{}',
  started_at timestamptz not null,
  ended_at timestamptz
);
create index provider_calls_by_generation on provider_calls (generation_id);
`

// amount_micro_usd is what the person is charged more or less by the entry, so that their sum is what they owe.
// operator_cost_micro_usd is what the provider takes from the operator for it.
const ledger = `
create table ledger_entries (
  id bigint primary key default new_id(),
  account_id bigint not null,
  generation_id bigint not null,
  kind text not null check (kind in ('reserve', 'settle', 'refund')),
  amount_micro_usd bigint not null,
  operator_cost_micro_usd bigint not null default 0 check (operator_cost_micro_usd >= 0),
  created_at timestamptz not null,
  unique (generation_id, kind)
);
create unique index ledger_entries_one_end on ledger_entries (generation_id) where kind <> 'reserve';
create index ledger_entries_by_account on ledger_entries (account_id, created_at);

create function refuse_ledger_change() returns trigger language plpgsql as $$
  begin raise exception 'The ledger is only added to'; end
$$;
create trigger ledger_entries_append_only before update or delete on ledger_entries
  for each statement execute function refuse_ledger_change();
`
