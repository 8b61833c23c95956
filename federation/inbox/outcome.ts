/** What became of an activity that came in: it had its effect, or it was set aside, and why. */
export type Outcome = 'done' | SetAside

export type SetAside =
  /** A kind of activity we have no use for. */
  | 'unknown activity'
  /** About a kind of thing we cannot show. */
  | 'unknown object'
  /** Without what it needs: an id, an object, a target. */
  | 'incomplete'
  /** Its actor has no right to it. */
  | 'not theirs'
  /** About something its actor may not see, or that is not here. */
  | 'nothing there'
  /** Nobody here has a reason to get it. */
  | 'not for us'
  /** Taken back or deleted before it came. */
  | 'gone'
  /** Older than what is here. */
  | 'stale'
  | 'known already'
  /** More than anybody here could read. */
  | 'too many'
  /** The server that could confirm it did not. */
  | 'unconfirmed'
  /** A person or server here does not want it. */
  | 'blocked'
