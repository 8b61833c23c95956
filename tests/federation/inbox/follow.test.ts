import { describe, expect, it } from 'vitest'
import { activityOf, useNeighbours } from './setup.ts'

const near = useNeighbours()

describe('Follow', () => {
  it('makes a follower, a notification and an Accept', async () => {
    const follow = activityOf(near.bob, 'Follow', near.alice.account.uri)
    expect(await near.send(near.bob, follow)).toBe(202)
    const account = await near.account(near.bob)
    expect(account).toMatchObject({ username: 'bob', domain: near.foreign.host, following_count: 1 })
    expect(near.foreign.activities('Accept')).toMatchObject([{ object: { id: follow.id } }])
    expect(await near.notifications()).toMatchObject([{ kind: 'follow' }])
  })
})
