import type { Sizes } from './seed.ts'

// What `seed` runs, in this order. Everything is drawn from the number of a note or person, so that the same call makes
// the same shape each time. `seed_people` holds people by number, those of here first; `seed_plan` says of each note
// by number (i) who writes it and what it answers or boosts; ids come from the moment it was published.
//
// By i % 20: 0 begins what is answered and boosted, 10 to 14 answer (13 and 14 the answer before), 15 to 17 boost,
// the rest stand alone. What is popular (i % 100 = 0) gets about twenty-five answers.

/** Small functions and the sizes, for this connection alone. */
export const functions = (sizes: Sizes, publicUrl: string): string => `
create temp table seed_sizes as select ${sizes.notes}::bigint as notes, ${sizes.here}::int as here,
  ${sizes.elsewhere}::int as elsewhere, ${sizes.servers}::int as servers, ${sizes.tags}::int as tags;
-- Between 0 and 1: the same for the same number and salt, and without pattern.
create or replace function pg_temp.draw(n bigint, salt int) returns float8 language sql immutable as
  'select (hashint8extended(n, salt) & 4503599627370495)::float8 / 4503599627370496';
create or replace function pg_temp.id_at(at timestamptz) returns bigint language sql volatile as
  'select (floor(extract(epoch from at) * 1000)::bigint << 16) | (nextval(''id_sequence'') & 65535)';
create or replace function pg_temp.here() returns text language sql immutable as
  $$ select '${publicUrl.replaceAll("'", "''")}' $$;
create or replace function pg_temp.note_uri(is_local boolean, author_uri text, id bigint) returns text
  language sql immutable as
  $$ select case when is_local then pg_temp.here() || '/ap/notes/' || id else author_uri || '/statuses/' || id end $$;
`

/** Who was here before comes first: they write, follow and hear the most. */
export const people = (batch: string): string => `
create temp table seed_people as
select row_number() over (order by account_id)::int as n, account_id as id, accounts.uri, accounts.username,
  null::text as domain, true as is_local, false as is_new
from users join accounts on accounts.id = account_id where accounts.deleted_at is null;

insert into seed_people
select known.count + k, id, pg_temp.here() || '/ap/users/' || id, 'seed${batch}_' || k, null, true, true
from (select count(*)::int as count from seed_people) as known, seed_sizes,
  lateral (select k, pg_temp.id_at(now() - interval '61 days') as id from generate_series(1, here) as k) as made;

create temp table seed_counts_here as select count(*)::int as here from seed_people;

insert into seed_people
select counts.here + k, pg_temp.id_at(now() - interval '61 days'), 'https://' || domain || '/users/person' || k,
  'person' || k, domain, false, true
from seed_counts_here as counts, seed_sizes as sizes,
  lateral (select k, 's' || floor(sizes.servers * pg_temp.draw(k, 21) ^ 2) || '.${batch}.example' as domain
    from generate_series(1, sizes.elsewhere) as k) as made;
alter table seed_people add primary key (n);
analyze seed_people;

insert into instances (domain, software, software_version)
select distinct domain, 'mastodon', '4.5.0' from seed_people where domain is not null on conflict do nothing;

insert into accounts (id, username, domain, uri, url, name, bio_text, bio_html, inbox_uri, shared_inbox_uri,
  outbox_uri, followers_uri, following_uri, featured_uri, avatar_remote_url, created_at, fetched_at, explored_at)
select id, username, domain, uri,
  case when is_local then pg_temp.here() || '/@' || username else 'https://' || domain || '/@' || username end,
  initcap(username), case when is_local then 'Boats, mostly.' end, '<p>Boats, mostly.</p>',
  uri || '/inbox', case when is_local then pg_temp.here() || '/ap/inbox' else 'https://' || domain || '/inbox' end,
  uri || '/outbox', uri || '/followers', uri || '/following', uri || '/featured',
  case when not is_local then 'https://' || domain || '/avatars/' || n || '.png' end,
  now() - interval '61 days', case when not is_local then now() end, case when not is_local then now() end
from seed_people where is_new;

insert into users (account_id, email, password_hash, confirmed_at, approved_at)
select id, username || '@mail.example', '-', now(), now() from seed_people where is_new and is_local;
`

export const newPeopleHere = 'select id from seed_people where is_new and is_local order by n'

/** Spread over sixty days, so that nothing is old enough to be pruned. */
export const plan = `
create temp table seed_plan as
with numbered as (
  select i, (i % 20)::int as slot, sizes.notes, counts.here, sizes.elsewhere, sizes.tags,
    now() - interval '60 days' * (1 - i::float8 / sizes.notes) - interval '1 minute' as at,
    -- Of an answer to an answer, where the chain began.
    case when i % 20 in (13, 14) then i - (i % 20 - 12) else i end as from_i
  from seed_sizes as sizes, seed_counts_here as counts, generate_series(1, sizes.notes) as i
), aimed as (
  select *,
    case when slot between 10 and 14
      then (from_i - 1 - floor(300 * pg_temp.draw(from_i, 1) ^ 2)::bigint) / 100 * 100 end as root,
    case when slot between 15 and 17
      then (i - 1 - floor(2000 * pg_temp.draw(i, 2) ^ 3)::bigint) / 20 * 20 end as boost
  from numbered
)
select i, slot, at, pg_temp.id_at(at) as id,
  case when pg_temp.draw(i, 3) < 0.1 then 1 + floor(here * pg_temp.draw(i, 4) ^ 2)
    else here + 1 + floor(elsewhere * pg_temp.draw(i, 4) ^ 2) end::int as author,
  case when root > 0 then root end as root,
  case when root > 0 then case when slot in (13, 14) then i - 1 else root end end as parent,
  case when boost > 0 then boost end as boost_of,
  case when slot in (0, 10, 11, 12, 13, 14, 15, 16, 17) or pg_temp.draw(i, 5) < 0.85 then 'public'
    when pg_temp.draw(i, 5) < 0.93 then 'unlisted'
    when pg_temp.draw(i, 5) < 0.98 then 'followers' else 'direct' end as visibility,
  case when slot in (0, 3, 6, 9) then 1 + floor(tags * pg_temp.draw(i, 6) ^ 2) end::int as tag,
  -- Somebody of here who is named in it.
  case when slot = 1 and pg_temp.draw(i, 7) < 0.3 or slot = 2 and pg_temp.draw(i, 5) >= 0.98
    then 1 + floor(here * pg_temp.draw(i, 8) ^ 2) end::int as named
from aimed;
-- Nobody boosts the same twice.
update seed_plan set boost_of = null where i in (
  select i from (select i, row_number() over (partition by author, boost_of order by i) as nth
    from seed_plan where boost_of is not null) as boosts where nth > 1);
alter table seed_plan add primary key (i);
analyze seed_plan;
`

/** Of what somebody of here likes or wrote: of others a server does not hear. With what each note has of everything. */
export const likes = `
create temp table seed_likes as
select distinct on (liker, i) i, liker, least(now(), liked.at + interval '6 hours' * pg_temp.draw(k, 13)) as at
from seed_sizes as sizes, seed_counts_here as counts,
  lateral (select k, floor(sizes.notes * pg_temp.draw(k, 9) / 20)::bigint * 20 + floor(10 * pg_temp.draw(k, 10))::int as i,
    case when pg_temp.draw(k, 11) < 0.3 then 1 + floor(counts.here * pg_temp.draw(k, 12) ^ 2)
      else counts.here + 1 + floor(sizes.elsewhere * pg_temp.draw(k, 12) ^ 2) end::int as liker
    from generate_series(1, sizes.notes) as k) as drawn
  join seed_plan as liked using (i)
where liked.visibility in ('public', 'unlisted') and liker <> liked.author
  and (liked.author <= counts.here or liker <= counts.here);

create temp table seed_counts as
select i, sum(replies)::int as replies, sum(boosts)::int as boosts, sum(likes)::int as likes from (
  select parent as i, 1 as replies, 0 as boosts, 0 as likes from seed_plan where parent is not null
  union all select boost_of, 0, 1, 0 from seed_plan where boost_of is not null
  union all select i, 0, 0, 1 from seed_likes
) as counted group by i;
alter table seed_counts add primary key (i);
analyze seed_likes, seed_counts;
`

const sentences = `array[
  'The light over the harbour was so low this morning that every mast drew a line across the water.',
  'She said the tide tables were wrong, and then the tide agreed with her.',
  'Three boats out, two back, and the third one singing.',
  'If you paint a wave you have to leave out everything that moves.',
  'Does anybody know who repairs compasses on this side of the bay?',
  'The ferry was late because a seal had gone to sleep on the ramp.',
  'I tried the new varnish and now the whole street smells of lemons.',
  'Nobody on the quay could say whose she had been.']`

/** From $1 to $2. */
export const notes = `
insert into notes (id, uri, url, account_id, is_local, boost_of_id, in_reply_to_id, in_reply_to_account_id,
  in_reply_to_uri, conversation_uri, visibility, text, content_html, language, replies_count, boosts_count,
  likes_count, published_at, stored_at)
select plan.id, pg_temp.note_uri(author.is_local, author.uri, plan.id),
  case when author.is_local then pg_temp.here() || '/@' || author.username || '/' || plan.id
    else 'https://' || author.domain || '/@' || author.username || '/' || plan.id end,
  author.id, author.is_local, boosted.id, parent.id, answered.id,
  pg_temp.note_uri(answered.is_local, answered.uri, parent.id),
  case when beginner.is_local then pg_temp.here() || '/ap/conversations/' || root.id
    else 'tag:' || beginner.domain || ',2026:objectId=' || root.id || ':objectType=Conversation' end,
  plan.visibility, case when author.is_local and boosted.id is null then words end,
  case when boosted.id is null then '<p>' || coalesce('<span class="h-card"><a href="' || answered.uri
    || '" class="u-url mention">@<span>' || answered.username || '</span></a></span> ', '') || words
    || coalesce(' <a href="https://' || author.domain || '/tags/seed' || plan.tag
    || '" class="mention hashtag" rel="tag">#<span>seed' || plan.tag || '</span></a>', '') || '</p>' else '' end,
  'en', coalesce(counts.replies, 0), coalesce(counts.boosts, 0), coalesce(counts.likes, 0), plan.at, plan.at
from seed_plan as plan
join seed_people as author on author.n = plan.author
left join seed_plan as parent on parent.i = plan.parent
left join seed_people as answered on answered.n = parent.author
left join seed_plan as boosted on boosted.i = plan.boost_of
join seed_plan as root on root.i = coalesce(plan.root, plan.boost_of, plan.i)
join seed_people as beginner on beginner.n = root.author
left join seed_counts as counts on counts.i = plan.i
cross join lateral (select (${sentences})[1 + floor(8 * pg_temp.draw(plan.i, 14))::int] || ' '
  || (${sentences})[1 + floor(8 * pg_temp.draw(plan.i, 15))::int] as words) as written
where plan.i between $1::bigint and $2::bigint
order by plan.i
`

const mentions = `
insert into mentions (note_id, account_id)
select plan.id, author.id from seed_plan as plan
  join seed_plan as parent on parent.i = plan.parent join seed_people as author on author.n = parent.author
  where parent.author <> plan.author
union
select plan.id, person.id from seed_plan as plan join seed_people as person on person.n = plan.named
  where plan.named <> plan.author
`

const tags = `
insert into tags (name) select 'seed' || k from seed_sizes, generate_series(1, tags) as k on conflict do nothing;
insert into note_tags (note_id, tag_id)
select plan.id, tags.id from seed_plan as plan join tags on tags.name = 'seed' || plan.tag
`

const media = `
insert into media (id, account_id, note_id, position, media_type, file_key, small_key, remote_url, width, height,
  small_width, small_height, blurhash, description, byte_size, created_at)
select pg_temp.id_at(plan.at), author.id, plan.id, position, 'image/jpeg',
  case when author.is_local then 'seed/' || plan.i || '.jpg' end,
  case when author.is_local then 'seed/' || plan.i || '-small.jpg' end,
  case when not author.is_local then 'https://' || author.domain || '/media/' || plan.i || '-' || position || '.jpg' end,
  1600, 1200, 640, 480, 'LEHV6nWB2yk8pyo0adR*.7kCMdnj', 'A harbour in the morning', 240000, plan.at
from seed_plan as plan join seed_people as author on author.n = plan.author,
  generate_series(0, case when plan.slot = 9 then 1 else 0 end) as position
where plan.slot in (4, 9)
`

const likeRows = `
insert into likes (id, account_id, note_id, uri, created_at)
select pg_temp.id_at(seed_likes.at), liker.id, plan.id, liker.uri || '#likes/' || plan.id, seed_likes.at
from seed_likes join seed_people as liker on liker.n = seed_likes.liker join seed_plan as plan using (i)
`

/** People of here follow sixty each, and are followed by some of elsewhere; not so who was here before, so that
 * nothing they post leaves for servers that are not there. */
const follows = `
create temp table seed_follows as
select distinct follower, followee from (
  select reader.n as follower, case when pg_temp.draw(reader.n * 1000 + k, 16) < 0.2
      then 1 + floor(counts.here * pg_temp.draw(reader.n * 1000 + k, 17) ^ 2)
      else counts.here + 1 + floor(sizes.elsewhere * pg_temp.draw(reader.n * 1000 + k, 17) ^ 3) end::int as followee
  from seed_people as reader, seed_sizes as sizes, seed_counts_here as counts, generate_series(1, 60) as k
  where reader.is_local
  union all
  select counts.here + 1 + floor(sizes.elsewhere * pg_temp.draw(person.n * 1000 + k, 18) ^ 2)::int, person.n
  from seed_people as person, seed_sizes as sizes, seed_counts_here as counts, generate_series(1, 30) as k
  where person.is_local and person.is_new
) as drawn where follower <> followee;
create index on seed_follows (follower, followee);
analyze seed_follows;

insert into follows (id, follower_id, followee_id, uri, state, created_at)
select pg_temp.id_at(now() - interval '60 days'), follower.id, followee.id,
  follower.uri || '#follows/' || followee.id, 'accepted', now() - interval '60 days'
from seed_follows join seed_people as follower on follower.n = follower join seed_people as followee on followee.n = followee
on conflict do nothing
`

/** Of the newest for each, by what they follow; an answer where they follow whom it answers, too. */
const homeFeeds = `
insert into home_entries (account_id, note_id, author_id, boost_of_id)
select reader.id, entry.id, author.id, boosted.id
from seed_people as reader
cross join lateral (
  select plan.* from seed_plan as plan left join seed_plan as parent on parent.i = plan.parent
  where plan.i > (select notes - 300000 from seed_sizes) and plan.visibility <> 'direct'
    and (plan.author = reader.n or exists (
      select from seed_follows where follower = reader.n and followee = plan.author))
    and (parent.author is null or parent.author in (reader.n, plan.author) or exists (
      select from seed_follows where follower = reader.n and followee = parent.author))
  order by plan.i desc limit 300
) as entry
join seed_people as author on author.n = entry.author
left join seed_plan as boosted on boosted.i = entry.boost_of
where reader.is_local
on conflict do nothing
`

const notifications = `
insert into notifications (id, account_id, kind, from_account_id, note_id, created_at)
select pg_temp.id_at(at), recipient, kind, sender, note_id, at from (
  select mentions.account_id as recipient, 'mention' as kind, author.id as sender, plan.id as note_id, plan.at
  from seed_plan as plan join mentions on mentions.note_id = plan.id join seed_people as author on author.n = plan.author
    join seed_people as person on person.id = mentions.account_id and person.is_local
  union all
  select author.id, 'like', liker.id, plan.id, seed_likes.at
  from seed_likes join seed_plan as plan using (i) join seed_people as author on author.n = plan.author
    join seed_people as liker on liker.n = seed_likes.liker where author.is_local
  union all
  select author.id, 'boost', booster.id, boosted.id, plan.at
  from seed_plan as plan join seed_plan as boosted on boosted.i = plan.boost_of
    join seed_people as author on author.n = boosted.author join seed_people as booster on booster.n = plan.author
  where author.is_local and author.n <> booster.n
  union all
  select followee.id, 'follow', follower.id, null, now() - interval '60 days'
  from seed_follows join seed_people as followee on followee.n = followee
    join seed_people as follower on follower.n = follower where followee.is_local
) as told order by at on conflict do nothing
`

const counters = `
update accounts set notes_count = notes_count + written.count,
  last_note_at = greatest(last_note_at, written.latest)
from (select author, count(*) as count, max(at) as latest from seed_plan group by author) as written
  join seed_people on n = author where seed_people.id = accounts.id;
update accounts set following_count = counted.following, followers_count = counted.followers
from (select person.id,
    (select count(*) from follows where follower_id = person.id and state = 'accepted') as following,
    (select count(*) from follows where followee_id = person.id and state = 'accepted') as followers
  from seed_people as person) as counted where counted.id = accounts.id
`

/** After the notes, in this order. */
export const rest = [
  { what: 'mentions', text: mentions },
  { what: 'tags', text: tags },
  { what: 'pictures', text: media },
  { what: 'likes', text: likeRows },
  { what: 'follows', text: follows },
  { what: 'home feeds', text: homeFeeds },
  { what: 'notifications', text: notifications },
  { what: 'counters', text: counters },
]

export const cleanUp =
  'drop table seed_sizes, seed_people, seed_counts_here, seed_plan, seed_likes, seed_counts, seed_follows'

export const filledTables = [
  'instances',
  'accounts',
  'users',
  'notes',
  'mentions',
  'tags',
  'note_tags',
  'media',
  'likes',
  'follows',
  'home_entries',
  'notifications',
]
