import { describe, expect, test } from 'vitest'
import { clientAddress } from '#src/auth/client-address.ts'
import { areScopesWithin, parseScopes, scopeAllows } from '#src/auth/scopes.ts'

describe('scopes', () => {
  test.each([
    ['write', 'write:statuses', true],
    ['write:statuses', 'write:statuses', true],
    ['write:statuses', 'write:media', false],
    ['write:statuses', 'write', false],
    ['read', 'write:statuses', false],
    ['follow', 'write:follows', true],
    ['follow', 'read:mutes', true],
    ['follow', 'read:statuses', false],
    ['read write follow push', 'admin:read:accounts', false],
    ['admin:read', 'admin:read:accounts', true],
    ['admin:read', 'admin:write:accounts', false],
    ['profile', 'read:accounts', false],
  ])('%s covers %s: %s', (granted, required, isAllowed) => {
    expect(scopeAllows(granted.split(' '), required)).toBe(isAllowed)
  })

  test('are read with spaces or pluses between, once each, and default to read', () => {
    expect(parseScopes('read  write+read:statuses read')).toEqual(['read', 'write', 'read:statuses'])
    expect(parseScopes(undefined)).toEqual(['read'])
    expect(parseScopes(' ')).toEqual(['read'])
  })

  test.each(['everything', 'read everything', 'read:everything', 'READ', '__proto__'])(
    '%s is unknown',
    (text) => {
      expect(() => parseScopes(text)).toThrowError(expect.objectContaining({ code: 'invalid_scope' }))
    },
  )

  test('an app may ask for parts of what it has, never for more', () => {
    expect(areScopesWithin(['read:statuses', 'write'], ['read', 'write'])).toBe(true)
    expect(areScopesWithin(['read', 'write'], ['read'])).toBe(false)
    expect(areScopesWithin(['write'], ['write:statuses'])).toBe(false)
  })
})

describe("a client's address", () => {
  test.each([
    ['without proxies the header is a forgery', 0, '203.0.113.9', '192.0.2.1', '192.0.2.1'],
    ['one proxy tells whom it heard', 1, '203.0.113.9', '127.0.0.1', '203.0.113.9'],
    ['what stands further left is anyone’s word', 1, '1.1.1.1, 203.0.113.9', '127.0.0.1', '203.0.113.9'],
    ['two proxies reach further', 2, '9.9.9.9, 203.0.113.9, 10.0.0.2', '127.0.0.1', '203.0.113.9'],
    ['a header shorter than the chain', 2, '203.0.113.9', '127.0.0.1', '203.0.113.9'],
    ['an IPv6 household is one', 0, null, '2001:db8:1:2:aaaa:bbbb:cccc:dddd', '2001:db8:1:2::/64'],
    ['IPv4 in IPv6 is IPv4', 0, null, '::ffff:192.0.2.1', '192.0.2.1'],
    ['ports are no part of it', 1, '[2001:db8:1:2::9]:4711', '127.0.0.1', '2001:db8:1:2::/64'],
    ['junk is junk', 1, 'who knows', '127.0.0.1', 'unknown'],
    ['no connection', 0, null, undefined, 'unknown'],
  ])('%s', (_name, trustedProxies, forwardedFor, remote, expected) => {
    expect(clientAddress({ remote, forwardedFor, trustedProxies })).toBe(expected)
  })
})
