import { type Kysely, sql } from 'kysely'

// What people write to each other directly: for each of those who live here a row per conversation and company, and one
// per note; what went to a crowd is in no conversation. What there was before counts as read.
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of [tables, formerConversations, formerEntries]) await sql.raw(statement).execute(db)
}

const tables = `
create table conversations (
  id bigint primary key default new_id(),
  account_id bigint not null references accounts on delete cascade,
  conversation_uri text not null,
  participant_ids bigint[] not null,
  last_note_id bigint not null references notes on delete cascade,
  is_unread boolean not null,
  unique (account_id, conversation_uri, participant_ids)
);
create index conversations_by_account on conversations (account_id, last_note_id desc);
create index conversations_by_last_note on conversations (last_note_id);

create table conversation_entries (
  account_id bigint not null references accounts on delete cascade,
  note_id bigint not null references notes on delete cascade,
  conversation_id bigint references conversations on delete set null,
  primary key (account_id, note_id)
);
create index conversation_entries_by_note on conversation_entries (note_id);
create index conversation_entries_by_conversation on conversation_entries (conversation_id, note_id desc);
`

const parties = `
  select notes.id as note_id, notes.conversation_uri, users.account_id,
    array(
      select other.id from (
        select notes.account_id as id union select mentions.account_id from mentions where mentions.note_id = notes.id
      ) as other
      where other.id <> users.account_id order by other.id
    ) as participant_ids
  from notes
  cross join lateral (
    select notes.account_id as id union select mentions.account_id from mentions where mentions.note_id = notes.id
  ) as party
  join users on users.account_id = party.id
  where notes.visibility = 'direct' and notes.boost_of_id is null and notes.deleted_at is null
    and not exists (
      select from blocks where (blocks.account_id = users.account_id and blocks.target_id = notes.account_id)
        or (blocks.account_id = notes.account_id and blocks.target_id = users.account_id))`

const formerConversations = `
insert into conversations (account_id, conversation_uri, participant_ids, last_note_id, is_unread)
select account_id, conversation_uri, participant_ids, max(note_id), false
from (${parties}) as former
where cardinality(participant_ids) <= 75
group by account_id, conversation_uri, participant_ids;
`

const formerEntries = `
insert into conversation_entries (account_id, note_id, conversation_id)
select former.account_id, former.note_id, conversations.id
from (${parties}) as former
left join conversations on conversations.account_id = former.account_id
  and conversations.conversation_uri = former.conversation_uri
  and conversations.participant_ids = former.participant_ids;
`
