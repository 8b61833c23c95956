/** The application's idea of the time. Tests hand in one that they can move. */
export type Clock = { now(): Date }

export const systemClock: Clock = { now: () => new Date() }
