import { type Kysely, sql } from 'kysely'

// What many talk about lately, best first, as it was counted last. `subject_id` is of a tag, a note or a preview card.
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw(`
create table trends (
  kind text not null check (kind in ('tag', 'note', 'link')),
  place integer not null,
  subject_id bigint not null,
  history jsonb not null default '[]',
  primary key (kind, place)
)`)
    .execute(db)
}
