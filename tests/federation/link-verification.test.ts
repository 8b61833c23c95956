import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { linksBack } from '#src/accounts/link-page.ts'
import { updateProfile } from '#src/accounts/profile.ts'
import { recheckLinks } from '#src/accounts/verify-links.ts'
import { getAccount } from '#src/db/accounts.ts'
import { type Peer, startPeer } from '#tests/support/peer.ts'
import { useNeighbours } from './inbox/setup.ts'

const near = useNeighbours()
const dayMs = 24 * 60 * 60_000

let site: Peer
let page: { status: number; type: string; html: string; location?: string }
beforeAll(async () => {
  site = await startPeer((request, response) => {
    if (request.url === '/moved') return void response.writeHead(302, { location: '/' }).end()
    if (request.url === '/away') return void response.writeHead(302, { location: near.server.url }).end()
    response.writeHead(page.status, { 'content-type': page.type }).end(page.html)
  })
})
afterAll(() => site.close())
beforeEach(() => {
  page = { status: 200, type: 'text/html; charset=utf-8', html: linkTo(near.alice.account.url) }
})

const linkTo = (href: string, rel = 'me') =>
  `<!doctype html><p>My <a rel="${rel}" href="${href}">account</a></p>`

/** What became of a link on Alice's profile; in a field of its own, since a mark stays with what it stands for. */
async function markOf(value: string): Promise<string | null | undefined> {
  const { app } = near.server
  await updateProfile(app, near.alice.accountId, { fields: [] })
  await updateProfile(app, near.alice.accountId, { fields: [{ name: 'Site', value }] })
  await near.server.settle()
  return (await getAccount(app.db, near.alice.accountId)).fields[0]?.verifiedAt
}

describe('a link on a profile here', () => {
  it('is marked when its page links back, and the API says so', async () => {
    expect(await markOf(`${site.url}/`)).toEqual(expect.stringMatching(/^20\d\d-/))
    const response = await near.server.fetch(`/api/v1/accounts/${near.alice.accountId}`)
    expect(await response.json()).toMatchObject({ fields: [{ verified_at: expect.stringMatching(/^20/) }] })
    const profile = await (await near.server.fetch('/@alice')).text()
    expect(profile).toContain('class="verified"')
  })

  it('is marked for a <link> in the head, several kinds of link, another case and the actor’s own address', async () => {
    page.html = `<LINK REL="nofollow ME" HREF="${near.alice.account.uri}">`
    expect(await markOf(`${site.url}/`)).not.toBeNull()
  })

  it('is marked where a redirect leads to the page with the link', async () => {
    expect(await markOf(`${site.url}/moved`)).not.toBeNull()
  })

  it.each<[string, () => void]>([
    ['without the link', () => (page.html = '<p>Hello</p>')],
    ['with a link of another kind', () => (page.html = linkTo(near.alice.account.url, 'friend'))],
    ['with a kind that only begins like it', () => (page.html = linkTo(near.alice.account.url, 'met'))],
    ['with a longer address', () => (page.html = linkTo(`${near.alice.account.url}2`))],
    ['with a shorter address', () => (page.html = linkTo(near.alice.account.url.slice(0, -1)))],
    [
      'with the address below another host',
      () => (page.html = linkTo(`https://evil.example/${near.alice.account.url}`)),
    ],
    [
      'with the host as a name',
      () => (page.html = linkTo(near.alice.account.url.replace('://', '://evil@'))),
    ],
    ['with the link in a comment', () => (page.html = `<!-- ${linkTo(near.alice.account.url)} -->`)],
    ['with the link in a script', () => (page.html = `<script>"${linkTo(near.alice.account.url)}"</script>`)],
    ['that is plain text', () => (page.type = 'text/plain')],
    ['that is an error', () => (page.status = 404)],
  ])('is not marked for a page %s', async (_name, change) => {
    change()
    expect(await markOf(`${site.url}/`)).toBeNull()
  })

  it('is not marked where a redirect leads elsewhere, nor for text, nor for what cannot be reached', async () => {
    expect(await markOf(`${site.url}/away`)).toBeNull()
    expect(await markOf(`see ${site.url}/`)).toBeNull()
    expect(await markOf('javascript:alert(1)')).toBeNull()
    expect(await markOf('http://127.0.0.1:1/')).toBeNull()
  })

  it('keeps its mark when another field is edited, and loses it when it says something else', async () => {
    const { app } = near.server
    await markOf(`${site.url}/`)
    page.status = 503
    const fields = [
      { name: 'Home page', value: `${site.url}/` },
      { name: 'Pronouns', value: 'she' },
    ]
    const kept = await updateProfile(app, near.alice.accountId, { fields })
    expect(kept.fields[0]?.verifiedAt).not.toBeNull()
    const changed = await updateProfile(app, near.alice.accountId, {
      fields: [{ name: 'Home page', value: `${site.url}/other` }],
    })
    expect(changed.fields[0]?.verifiedAt).toBeNull()
  })

  it('is looked at again within a week: gone, its mark goes; away for now, it stays', async () => {
    const { app } = near.server
    expect(await markOf(`${site.url}/`)).not.toBeNull()
    page = { status: 503, type: 'text/html', html: '' }
    await recheckAWeek()
    expect((await getAccount(app.db, near.alice.accountId)).fields[0]?.verifiedAt).not.toBeNull()
    page = { status: 200, type: 'text/html', html: 'sold' }
    await recheckAWeek()
    expect((await getAccount(app.db, near.alice.accountId)).fields[0]?.verifiedAt).toBeNull()
  })

  async function recheckAWeek(): Promise<void> {
    for (let day = 0; day < 7; day += 1) {
      near.server.clock.advance(dayMs)
      await recheckLinks(near.server.app)
      await near.server.settle()
    }
  }
})

describe('a link on a profile elsewhere', () => {
  const schema = {
    schema: 'http://schema.org#',
    PropertyValue: 'schema:PropertyValue',
    value: 'schema:value',
  }

  async function marksOf(name: string, values: string[]): Promise<(string | null)[]> {
    const actor = near.foreign.addActor(name)
    page.html = linkTo(`${near.foreign.url}/@${name}`)
    Object.assign(actor.document, {
      '@context': [actor.document['@context'], schema].flat(),
      attachment: values.map((value) => ({ type: 'PropertyValue', name: 'Site', value })),
    })
    await near.server.app.lookup.account(actor.uri)
    await near.server.settle()
    return (await near.account(actor))?.fields.map(({ verifiedAt }) => verifiedAt) ?? []
  }

  it('is marked as here, and keeps its mark when the profile is read anew', async () => {
    const link = `<a href="${site.url}/x" rel="me nofollow"><span class="invisible">http://</span>${site.url.slice(7)}/x</a>`
    expect(await marksOf('dave', [link])).toEqual([expect.any(String)])
    const dave = `${near.foreign.url}/users/dave`
    await near.server.app.lookup.account(dave, { fresh: true })
    const known = await near.server.app.db
      .selectFrom('accounts')
      .select('fields')
      .where('uri', '=', dave)
      .executeTakeFirst()
    expect(known?.fields[0]?.verifiedAt).toEqual(expect.any(String))
  })

  it('is not marked when it shows another address than it leads to, or stands among words', async () => {
    const values = [
      `<a href="${site.url}/x" rel="me">https://bank.example</a>`,
      `My <a href="${site.url}/x" rel="me">${site.url}/x</a>`,
      `<a href="${site.url}/x" rel="me">${site.url}/x</a><a href="https://bank.example">.</a>`,
    ]
    expect(await marksOf('erin', values)).toEqual([null, null, null])
  })

  it('costs four requests at most', async () => {
    const before = site.requests.length
    await marksOf(
      'mary',
      Array.from({ length: 12 }, (_, n) => `<a href="${site.url}/${n}">${site.url}/${n}</a>`),
    )
    expect(site.requests.length - before).toBe(4)
  })
})

it('finds the link in a megabyte of page, and gets through hostile ones', () => {
  const url = 'https://pinxit.example/@alice'
  expect(linksBack(`${'<p>word</p>'.repeat(80_000)}${linkTo(url)}`, 'https://site.example', [url])).toBe(true)
  expect(linksBack('<a '.repeat(300_000), 'https://site.example', [url])).toBe(false)
  expect(linksBack('<a>'.repeat(300_000), 'https://site.example', [url])).toBe(false)
})
