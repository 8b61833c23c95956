import { describe, expect, it } from 'vitest'
import { isPublicAddress, isPublicHost, isWebPort, refusalOfUrl } from '#src/base/addresses.ts'

const publicAddresses = [
  '1.1.1.1',
  '8.8.8.8',
  '172.15.0.1',
  '172.32.0.1',
  '100.63.0.1',
  '2606:4700::1111',
  '2a00:1450::1',
]

// One of each range, at both ends where a mask is easily got wrong.
const refusedAddresses = [
  ...['0.0.0.0', '0.255.255.255', '10.0.0.1', '10.255.255.255', '100.64.0.0', '100.127.255.255'],
  ...['127.0.0.1', '127.255.255.254', '169.254.169.254', '172.16.0.1', '172.31.255.255', '192.0.0.1'],
  ...['192.0.2.1', '192.88.99.1', '192.168.0.1', '192.168.255.255', '198.18.0.1', '198.19.255.255'],
  ...['198.51.100.1', '203.0.113.1', '224.0.0.1', '239.255.255.255', '240.0.0.1', '255.255.255.255'],
  ...['::', '::1', '::127.0.0.1', '::ffff:127.0.0.1', '::ffff:8.8.8.8', '::ffff:0:7f00:1', '64:ff9b::7f00:1'],
  ...[
    '64:ff9b:1::1',
    '100::1',
    '2001::1',
    '2001:2::1',
    '2001:10::1',
    '2001:20::1',
    '2001:db8::1',
    '2002:7f00:1::',
  ],
  ...['3fff::1', '4000::1', '5f00::1', 'fc00::1', 'fdff::1', 'fe80::1', 'fe80::1%eth0', 'fec0::1', 'ff02::1'],
  ...['', 'localhost', '1.1.1.1%1', '999.1.1.1', '1.1.1.1/24'],
]

describe('addresses', () => {
  it.each(publicAddresses)('%s is public', (address) => expect(isPublicAddress(address)).toBe(true))
  it.each(refusedAddresses)('%j is not public', (address) => expect(isPublicAddress(address)).toBe(false))
})

describe('hosts in URLs', () => {
  const refused = [
    ...['2130706433', '0x7f000001', '0177.0.0.1', '127.1', '0', '[::1]', '[::ffff:127.0.0.1]', '[fd00::1]'],
    ...[
      'localhost',
      'LOCALHOST',
      'localhost.',
      'a.localhost',
      'printer',
      'printer.local',
      'db.internal',
      'x.onion',
    ],
    ...[
      'router.lan',
      'x.home.arpa',
      'a.test',
      'a.invalid',
      'db.internal.',
      '127.0.0.1.',
      '１２７.0.0.1',
      '①②⑦.0.0.1',
    ],
  ]
  it.each(refused)('https://%s/ is refused', (host) => {
    expect(refusalOfUrl(new URL(`https://${host}/`), { allowPrivateAddresses: false })).toBe('address')
  })

  it.each(['mastodon.social', '1.1.1.1', '[2606:4700::1111]', 'internal.org', 'höst.org'])(
    'https://%s/ is not',
    (host) => {
      expect(refusalOfUrl(new URL(`https://${host}/`), { allowPrivateAddresses: false })).toBeUndefined()
    },
  )

  it('judges names as they are, without asking anyone', () => {
    expect(isPublicHost('rebinds.org')).toBe(true)
  })
})

describe('the rest of a URL', () => {
  const closed = { allowPrivateAddresses: false }
  const open = { allowPrivateAddresses: true }

  it.each([
    ['http://mastodon.social/', 'scheme'],
    ['ftp://mastodon.social/', 'scheme'],
    ['file:///etc/passwd', 'scheme'],
    ['javascript:alert(1)', 'scheme'],
    ['data:text/plain,x', 'scheme'],
    ['https://user:password@mastodon.social/', 'credentials'],
    ['https://user@mastodon.social/', 'credentials'],
    ['https://mastodon.social:25/', 'port'],
    ['https://mastodon.social:6667/', 'port'],
  ])('%s is refused for its %s', (url, reason) => {
    expect(refusalOfUrl(new URL(url), closed)).toBe(reason)
  })

  it('lets http and loopback pass where private addresses are allowed, and nothing else', () => {
    expect(refusalOfUrl(new URL('http://127.0.0.1:3000/'), open)).toBeUndefined()
    expect(refusalOfUrl(new URL('http://localhost:3000/'), open)).toBeUndefined()
    expect(refusalOfUrl(new URL('file:///etc/passwd'), open)).toBe('scheme')
    expect(refusalOfUrl(new URL('http://localhost:25/'), open)).toBe('port')
  })

  it('knows the ports of web servers', () => {
    expect([80, 443, 3000, 8443, 65_535].every(isWebPort)).toBe(true)
    expect([0, 22, 25, 993, 6000, 65_536].some(isWebPort)).toBe(false)
  })
})
