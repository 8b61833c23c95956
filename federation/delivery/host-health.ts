import type { SendActivityError } from '@fedify/fedify'
import { LRUCache } from 'lru-cache'
import type { Clock } from '#src/base/clock.ts'
import type { JobPayload } from '#src/jobs/catalogue.ts'
import { PermanentFailure, RetryLater } from '#src/jobs/failures.ts'
import { isFetchError } from '../remote/fetch-error.ts'
import { isTimeout } from './direct-post.ts'

type Delivery = Pick<JobPayload<'deliver'>, 'heldSince'>

export type HostHealth = {
  /**
   * Runs a delivery to a host, unless it is known to be down or has too many under way already.
   * @throws RetryLater when it has to wait, PermanentFailure when it has waited for a week, or what `deliver` throws
   */
  during<T>(host: string, delivery: Delivery, deliver: () => Promise<T>): Promise<T>
}

const minute = 60_000
/** So many failures in a row, whatever was delivered, and a host is taken to be down. */
const mostFailures = 5
/** How long nothing is tried there then; twice as long after each try that fails, and always less than one row waits. */
const shortestPauseMs = minute
const longestPauseMs = 6 * 60 * minute
/** One tries whether it is back; the others wait for what comes of it. */
const probeMs = minute
const heldAtMostMs = 7 * 24 * 60 * minute

/** A host that has not answered yet may hold up so many places of the lane, and one that has, so many. */
const mostAtOnce = { unproven: 4, proven: 20 }
/** What takes longer than most hosts ever do. */
const patienceMs = 1_000
/** Who finds no place comes again within moments: once its host is silent for good, it is down. */
const crowdedMs = 5_000

/**
 * What this process knows of the hosts it delivers to. Fedify's own circuit breaker goes by the wall clock and a row
 * for each host; this goes by ours, and what is forgotten with the process is learnt again in five tries.
 */
export function createHostHealth(clock: Clock): HostHealth {
  const breaker = createBreaker(clock)
  const crowd = createCrowd()
  return {
    during: async (host, delivery, deliver) => {
      const known = breaker.check(host, delivery)
      const leave = await crowd.enter(host)
      if (!leave)
        throw putOff(delivery, clock.now(), {
          until: clock.now().getTime() + crowdedMs,
          spreadMs: crowdedMs,
          host,
        })
      try {
        const result = await deliver()
        breaker.answered(host)
        return result
      } catch (error) {
        if (isFault(error)) breaker.failed(host, known, isSilence(error))
        throw error
      } finally {
        leave(breaker.isProven(host))
      }
    },
  }
}

type Trouble = { failures: number; pauseMs: number; until: number }

function createBreaker(clock: Clock) {
  const troubles = new LRUCache<string, Trouble>({ max: 10_000 })
  const proven = new LRUCache<string, true>({ max: 10_000, ttl: 10 * minute })
  const now = () => clock.now().getTime()
  return {
    isProven: (host: string) => proven.has(host),
    check: (host: string, delivery: Delivery): Trouble | undefined => {
      const trouble = troubles.get(host)
      if (!trouble || trouble.failures < mostFailures) return trouble
      if (now() < trouble.until)
        throw putOff(delivery, clock.now(), { until: trouble.until, spreadMs: minute, host })
      trouble.until = now() + probeMs
      return trouble
    },
    answered: (host: string) => {
      troubles.delete(host)
      proven.set(host, true)
    },
    /** One that lets us wait holds a place each time: once is enough. */
    failed: (host: string, known: Trouble | undefined, isSilent: boolean) => {
      proven.delete(host)
      const before = troubles.get(host) ?? { failures: 0, pauseMs: shortestPauseMs / 2, until: 0 }
      const wasDown = before.failures >= mostFailures
      // What was under way when it became known to be down is not one more sign of it.
      if (wasDown && before !== known) return
      const pauseMs = wasDown ? Math.min(before.pauseMs * 2, longestPauseMs) : shortestPauseMs
      const failures = Math.max(before.failures + 1, isSilent ? mostFailures : 0)
      troubles.set(host, { failures, pauseMs, until: now() + pauseMs })
    },
  }
}

type Place = { since: number }
type Host = {
  places: Set<Place>
  /** Who waits for a place, and hears of none when the time is up. */
  waiting: Set<(place: Place | undefined) => void>
  isProven: boolean
}

/** Bounds how many deliveries to one host hold a place in the lane. */
function createCrowd() {
  const hosts = new Map<string, Host>()

  /** Answers what to call at the end; undefined when it is too crowded. */
  async function enter(name: string): Promise<((isProven: boolean) => void) | undefined> {
    const host = hosts.get(name) ?? { places: new Set(), waiting: new Set(), isProven: false }
    hosts.set(name, host)
    const place = await findPlace(host)
    if (!place) return undefined
    return (isProven) => {
      host.isProven = isProven
      host.places.delete(place)
      for (const admit of host.waiting) if (hasRoom(host)) admit(takePlace(host))
      if (host.places.size === 0) hosts.delete(name)
    }
  }

  return { enter }
}

const hasRoom = ({ places, isProven }: Host) =>
  places.size < (isProven ? mostAtOnce.proven : mostAtOnce.unproven)

function takePlace({ places }: Host): Place {
  const place = { since: performance.now() }
  places.add(place)
  return place
}

/** Gives up when it, or whoever has been in longest, took longer than most hosts ever do. */
async function findPlace(host: Host): Promise<Place | undefined> {
  const giveUpAt = performance.now() + patienceMs
  for (;;) {
    if (hasRoom(host)) return takePlace(host)
    const [oldest] = host.places
    const waitMs = Math.min(giveUpAt, (oldest?.since ?? 0) + patienceMs) - performance.now()
    if (waitMs <= 0) return undefined
    const place = await nextPlace(host, waitMs)
    if (place) return place
  }
}

function nextPlace({ waiting }: Host, atMostMs: number): Promise<Place | undefined> {
  return new Promise((resolve) => {
    const admit = (place: Place | undefined) => {
      clearTimeout(timer)
      waiting.delete(admit)
      resolve(place)
    }
    const timer = setTimeout(() => admit(undefined), atMostMs)
    waiting.add(admit)
  })
}

type Wait = { until: number; spreadMs: number; host: string }

/** It costs a row an update, and none of its tries. They do not come back all at once. */
function putOff(delivery: Delivery, now: Date, { until, spreadMs, host }: Wait): Error {
  const heldSince = delivery.heldSince ?? now.toISOString()
  if (now.getTime() - Date.parse(heldSince) > heldAtMostMs)
    return new PermanentFailure(`${host} was down for seven days`)
  return new RetryLater(`${host} is down or busy`, {
    isAttempt: false,
    runAt: new Date(until + Math.random() * spreadMs),
    payload: { ...delivery, heldSince },
  })
}

/** Whether it is the host that failed. One that asks us to come back later is well. */
function isFault(error: unknown): boolean {
  if (isSendError(error)) return error.statusCode >= 500
  return isFetchError(error) || isSilence(error)
}

/** By name, since the class itself would bring all of Fedify along. */
function isSendError(error: unknown): error is SendActivityError {
  return error instanceof Error && error.name === 'SendActivityError' && 'statusCode' in error
}

function isSilence(error: unknown): boolean {
  return error instanceof RetryLater && isTimeout(error.cause)
}
