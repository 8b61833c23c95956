import type { Account } from '#src/db/accounts.ts'
import type { Note } from '#src/db/notes.ts'
import type { Poll } from '#src/db/polls.ts'
import type { Server } from './account.ts'
import { toAudience } from './audience.ts'
import {
  actorContext,
  type JsonObject,
  noteContext,
  plainContext,
  publicAudience,
  timestamp,
} from './vocabulary.ts'

// Every id is derived from what the activity announces, never random: a job that runs twice says the same twice, and
// peers drop the second.

/** An activity as it goes over the wire, complete with its context. */
export type Activity = JsonObject & { id: string; type: string; actor: string }

export function toCreate(note: Note, object: JsonObject): Activity {
  return {
    '@context': noteContext,
    id: `${note.uri}/activity`,
    type: 'Create',
    actor: actorOf(object),
    published: timestamp(note.published_at),
    ...audienceOf(object),
    object,
  }
}

/** @param version what its id ends in, for a change that is no edit */
export function toUpdate(note: Note, object: JsonObject, version?: string): Activity {
  const editedAt = note.edited_at ?? note.published_at
  return {
    '@context': noteContext,
    id: `${note.uri}#updates/${version ?? editedAt.getTime()}`,
    type: 'Update',
    actor: actorOf(object),
    published: timestamp(editedAt),
    ...audienceOf(object),
    object,
  }
}

/** New counts, without `updated`: Mastodon takes what comes without for no edit. */
export function toPollUpdate(poll: Poll, object: JsonObject): Activity {
  // An edit may begin the count anew, and peers drop an id they have seen.
  const since = Date.parse(String(object.updated ?? object.published))
  const counts = [since, ...poll.options.map(({ votes }) => votes), poll.closed_at ? 'closed' : 'open']
  return {
    '@context': noteContext,
    id: `${String(object.id)}#counts/${counts.join('-')}`,
    type: 'Update',
    actor: actorOf(object),
    ...audienceOf(object),
    object,
  }
}

export function toVoteCreate(vote: JsonObject): Activity {
  return {
    '@context': plainContext,
    id: `${String(vote.id)}/activity`,
    type: 'Create',
    actor: actorOf(vote),
    ...audienceOf(vote),
    object: vote,
  }
}

export function toDelete(note: Pick<Note, 'uri'>, actor: string): Activity {
  return {
    '@context': noteContext,
    id: `${note.uri}#delete`,
    type: 'Delete',
    actor,
    to: [publicAudience],
    object: { id: note.uri, type: 'Tombstone', atomUri: note.uri },
  }
}

type Boosted = Pick<Note, 'uri'> & { authorUri: string }

export function toAnnounce(boost: Note, booster: Account, boosted: Boosted, { uris }: Server): Activity {
  return { '@context': plainContext, ...announce(boost, booster, boosted, uris.followers(booster.id)) }
}

/** Taking a boost back. The Announce is embedded, since some peers no longer know its id. */
export function toUndoAnnounce(boost: Note, booster: Account, boosted: Boosted, { uris }: Server): Activity {
  const object = announce(boost, booster, boosted, uris.followers(booster.id))
  return {
    '@context': plainContext,
    id: `${object.id}/undo`,
    type: 'Undo',
    actor: booster.uri,
    ...audienceOf(object),
    object,
  }
}

function announce(boost: Note, booster: Account, boosted: Boosted, followersUri: string): Activity {
  return {
    id: `${boost.uri}/activity`,
    type: 'Announce',
    actor: booster.uri,
    published: timestamp(boost.published_at),
    ...toAudience(boost.visibility, followersUri, [boosted.authorUri]),
    object: boosted.uri,
  }
}

type Liking = { uri: string; actor: string; noteUri: string }

export function toLike(liking: Liking): Activity {
  return { '@context': plainContext, ...like(liking) }
}

export function toUndoLike(liking: Liking): Activity {
  return undo(like(liking))
}

function like({ uri, actor, noteUri }: Liking): Activity {
  return { id: uri, type: 'Like', actor, object: noteUri }
}

export type Following = { uri: string; follower: string; followee: string }

export function toFollow(following: Following): Activity {
  return { '@context': plainContext, ...follow(following) }
}

export function toUndoFollow(following: Following): Activity {
  return undo(follow(following))
}

/** The whole Follow is embedded: Mastodon looks it up by its id, others by its actor and object. */
export function toAnswer(answer: 'Accept' | 'Reject', id: string, following: Following): Activity {
  const actor = following.followee
  return {
    '@context': plainContext,
    id,
    type: answer,
    actor,
    to: [following.follower],
    object: follow(following),
  }
}

function follow({ uri, follower, followee }: Following): Activity {
  return { id: uri, type: 'Follow', actor: follower, object: followee }
}

export type Blocking = { uri: string; actor: string; target: string }

export function toBlock(blocking: Blocking): Activity {
  return { '@context': plainContext, ...block(blocking) }
}

export function toUndoBlock(blocking: Blocking): Activity {
  return undo(block(blocking))
}

function block({ uri, actor, target }: Blocking): Activity {
  return { id: uri, type: 'Block', actor, object: target }
}

type Flagging = { uri: string; actor: string; target: string; noteUris: string[]; comment: string }

/** Of the server and not of a person: whoever reports stays unnamed. Mastodon wants the account before its notes. */
export function toFlag({ uri, actor, target, noteUris, comment }: Flagging): Activity {
  return {
    '@context': plainContext,
    id: uri,
    type: 'Flag',
    actor,
    to: [target],
    content: comment,
    object: [target, ...noteUris],
  }
}

function undo(activity: Activity): Activity {
  const { id, actor } = activity
  return { '@context': plainContext, id: `${id}/undo`, type: 'Undo', actor, object: activity }
}

/** @param actor the whole actor document */
export function toActorUpdate(account: Account, actor: JsonObject): Activity {
  const { '@context': _context, ...object } = actor
  return {
    '@context': actorContext,
    id: `${account.uri}#updates/${account.updated_at.getTime()}`,
    type: 'Update',
    actor: account.uri,
    to: [publicAudience],
    object,
  }
}

export function toMove(account: Account, target: string, { uris }: Server): Activity {
  return {
    '@context': plainContext,
    id: `${account.uri}#moves/${account.moved_at?.getTime() ?? 0}`,
    type: 'Move',
    actor: account.uri,
    to: [uris.followers(account.id)],
    object: account.uri,
    target,
  }
}

export function toActorDelete(account: Account): Activity {
  return {
    '@context': plainContext,
    id: `${account.uri}#delete`,
    type: 'Delete',
    actor: account.uri,
    to: [publicAudience],
    object: account.uri,
  }
}

function actorOf({ attributedTo }: JsonObject): string {
  if (typeof attributedTo !== 'string') throw new TypeError('A note of ours names its author')
  return attributedTo
}

/** Akkoma refuses an activity whose audience differs from its object's. */
function audienceOf({ to, cc }: JsonObject): JsonObject {
  return { to, cc }
}
