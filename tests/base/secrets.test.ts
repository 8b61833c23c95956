import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decryptSecret, encryptSecret, hashToken, hmac, isSameSecret, newToken } from '#src/base/secrets.ts'

const key = 'a secret key of at least 32 characters'

describe('an encrypted secret', () => {
  it('comes back as it went in, whatever it was', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (plaintext) => {
        expect(decryptSecret(key, 'test', encryptSecret(key, 'test', plaintext))).toBe(plaintext)
      }),
    )
  })

  it('looks different each time and shows nothing', () => {
    const one = encryptSecret(key, 'test', 'visible?')
    expect(one).toMatch(/^v1\.[\w-]+$/)
    expect(one).not.toBe(encryptSecret(key, 'test', 'visible?'))
    expect(Buffer.from(one.slice(3), 'base64url').toString()).not.toContain('visible')
  })

  it('opens neither with another key nor for another row', () => {
    const encrypted = encryptSecret(key, 'account-key:1', 'secret')
    expect(() => decryptSecret(`${key}!`, 'account-key:1', encrypted)).toThrow()
    expect(() => decryptSecret(key, 'account-key:2', encrypted)).toThrow()
  })

  it('does not open once a single byte is altered', () => {
    const bytes = Buffer.from(encryptSecret(key, 'test', 'secret').slice(3), 'base64url')
    for (let index = 0; index < bytes.length; index += 1) {
      const altered = Buffer.from(bytes)
      altered.writeUInt8(altered.readUInt8(index) ^ 1, index)
      expect(() => decryptSecret(key, 'test', `v1.${altered.toString('base64url')}`)).toThrow()
    }
  })

  it.each(['', 'v1', 'v1.', 'v1.AAAA', 'v2.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA', 'plain'])(
    'is not made of %j',
    (junk) => expect(() => decryptSecret(key, 'test', junk)).toThrow(),
  )
})

describe('tokens', () => {
  it('are long, safe in URLs and never the same', () => {
    const tokens = new Set(Array.from({ length: 1000 }, () => newToken()))
    expect(tokens.size).toBe(1000)
    for (const token of tokens) expect(token).toMatch(/^[\w-]{43}$/)
    expect(newToken(16)).toHaveLength(22)
  })

  it('are stored as SHA-256', () => {
    expect(hashToken('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
  })

  it('are signed by purpose', () => {
    expect(hmac(key, 'a', 'text')).toBe(hmac(key, 'a', 'text'))
    expect(hmac(key, 'a', 'text')).not.toBe(hmac(key, 'b', 'text'))
    expect(hmac(key, 'a', 'text')).not.toBe(hmac(key, 'a', 'texts'))
  })

  it('are compared whole', () => {
    expect(isSameSecret('abc', 'abc')).toBe(true)
    for (const other of ['', 'ab', 'abd', 'abcd']) expect(isSameSecret('abc', other)).toBe(false)
  })
})
