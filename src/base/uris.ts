// Every address this server gives out, in one place. What is ActivityPub lies under /ap/, so that a request
// that is certainly not federation can be told from its path alone.

export type Uris = ReturnType<typeof createUris>

/** @param publicUrl origin without a trailing slash */
export function createUris(publicUrl: string) {
  const actor = (accountId: string) => `${publicUrl}/ap/users/${accountId}`
  const note = (noteId: string) => `${publicUrl}/ap/notes/${noteId}`
  const quoteAuthorizations = `${publicUrl}/ap/quote-authorizations/`
  return {
    actor,
    inbox: (accountId: string) => `${actor(accountId)}/inbox`,
    outbox: (accountId: string) => `${actor(accountId)}/outbox`,
    followers: (accountId: string) => `${actor(accountId)}/followers`,
    followersSynchronization: (accountId: string) => `${actor(accountId)}/followers_synchronization`,
    following: (accountId: string) => `${actor(accountId)}/following`,
    featured: (accountId: string) => `${actor(accountId)}/featured`,
    featuredTags: (accountId: string) => `${actor(accountId)}/featured-tags`,
    rsaKey: (accountId: string) => `${actor(accountId)}#main-key`,
    ed25519Key: (accountId: string) => `${actor(accountId)}#ed25519-key`,
    sharedInbox: `${publicUrl}/ap/inbox`,
    note,
    replies: (noteId: string) => `${note(noteId)}/replies`,
    likes: (noteId: string) => `${note(noteId)}/likes`,
    shares: (noteId: string) => `${note(noteId)}/shares`,
    conversation: (noteId: string) => `${publicUrl}/ap/conversations/${noteId}`,
    // By row id: a like given again after an undo is a new activity, and peers remember ids they have seen.
    like: (accountId: string, likeId: string) => `${actor(accountId)}/likes/${likeId}`,
    reaction: (accountId: string, reactionId: string) => `${actor(accountId)}/reactions/${reactionId}`,
    emoji: (shortcode: string) => `${publicUrl}/ap/emojis/${shortcode}`,
    vote: (accountId: string, voteId: string) => `${actor(accountId)}/votes/${voteId}`,
    follow: (accountId: string, followId: string) => `${actor(accountId)}/follows/${followId}`,
    block: (accountId: string, blockId: string) => `${actor(accountId)}/blocks/${blockId}`,
    // Says nothing of who reported.
    report: (reportId: string) => `${publicUrl}/ap/reports/${reportId}`,
    accept: (accountId: string, followId: string) => `${actor(accountId)}/accepts/${followId}`,
    reject: (accountId: string, followId: string) => `${actor(accountId)}/rejects/${followId}`,
    quoteRequest: (accountId: string, noteId: string) => `${actor(accountId)}/quote-requests/${noteId}`,
    /** Of an address as `quoteRequest` makes them. */
    noteIdOfQuoteRequest: (uri: string) =>
      uri.startsWith(`${publicUrl}/ap/users/`) ? /\/quote-requests\/(\d{1,18})$/.exec(uri)?.[1] : undefined,
    quoteAuthorization: (id: string) => `${quoteAuthorizations}${id}`,
    quoteAuthorizationId: (uri: string) =>
      uri.startsWith(quoteAuthorizations) ? uri.slice(quoteAuthorizations.length) : undefined,
    profilePage: (username: string) => `${publicUrl}/@${username}`,
    /** What someone posted under a hashtag. */
    taggedPage: (username: string, tag: string) =>
      `${publicUrl}/@${username}/tagged/${encodeURIComponent(tag)}`,
    notePage: (username: string, noteId: string) => `${publicUrl}/@${username}/${noteId}`,
    /** The id of the note whose page this is the address of. */
    noteOfPage: (url: string) => {
      const id = url.startsWith(`${publicUrl}/@`) ? /\/@[^/]+\/(\d{1,18})$/.exec(url)?.[1] : undefined
      return id === undefined ? undefined : note(id)
    },
    tagPage: (name: string) => `${publicUrl}/tags/${encodeURIComponent(name)}`,
    isLocal: (uri: string) => uri === publicUrl || uri.startsWith(`${publicUrl}/`),
  }
}
