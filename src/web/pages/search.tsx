import { type SearchResult, search } from '#src/search/search.ts'
import { pageLength } from '../components/Feed.tsx'
import { AccountLine } from '../components/Names.tsx'
import { NoteCard } from '../components/NoteCard.tsx'
import { askedFor } from '../forms.ts'
import { renderPage } from '../layout.tsx'
import { type PageContext, type Visit, viewerId } from '../session.ts'

/** People by name, anyone anywhere by handle or address. Only those signed in make us ask other servers. */
export async function searchPage(c: PageContext) {
  const { visit } = c.var
  const { words, app, viewer } = visit
  const text = askedFor(c.req.query('q'))
  const found = await search(app, viewerId(c), {
    text,
    kinds: ['accounts', 'notes', 'tags'],
    resolve: viewer !== null,
    limit: pageLength,
    offset: 0,
  })
  return renderPage(c, {
    title: words.search.title,
    children: (
      <>
        <header class="page-head">
          <h1>{words.search.title}</h1>
        </header>
        <search>
          <form class="search" action="/search">
            <label for="q">{words.search.label}</label>
            <div class="search-line">
              <input
                id="q"
                name="q"
                type="search"
                value={text}
                maxlength={500}
                autocapitalize="none"
                spellcheck={false}
                aria-describedby="search-hint"
              />
              <button type="submit" class="button primary">
                {words.search.submit}
              </button>
            </div>
            <p class="hint" id="search-hint">
              {words.search.hint}
            </p>
          </form>
        </search>
        {text && <Found found={found} text={text} visit={visit} />}
      </>
    ),
  })
}

const Found = ({ found, text, visit }: { found: SearchResult; text: string; visit: Visit }) => {
  const { words } = visit
  const { accounts, notes, tags } = found
  if (accounts.length + notes.length + tags.length === 0) {
    return (
      <p class="empty" role="status">
        {words.search.none(text)}
      </p>
    )
  }
  return (
    <>
      {tags.length > 0 && (
        <p class="tags">
          {tags.map((tag) => (
            <a class="tag" href={`/tags/${encodeURIComponent(tag.name)}`}>
              #{tag.name}
            </a>
          ))}
        </p>
      )}
      {accounts.length > 0 && (
        <ul class="people" aria-label={words.search.people}>
          {accounts.map((account) => (
            <li>
              <AccountLine account={account} visit={visit} />
            </li>
          ))}
        </ul>
      )}
      {notes.map((view) => (
        <NoteCard view={view} visit={visit} />
      ))}
    </>
  )
}
