import { raw } from 'hono/html'

// Drawn on a 24-unit grid with one pen; `mark` is the brush stroke of the wordmark.
const paths = {
  mark: '<path d="M4 20c5.5-1 6-5.5 8.5-8.5L19 4.5c.8-.8 2 .3 1.3 1.2L14 13c-2.8 3.2-5.5 6.5-10 7Z" fill="currentColor" stroke="none"/>',
  home: '<path d="M4 11.5 12 4.5l8 7V20h-5.5v-5.5h-5V20H4Z"/>',
  bell: '<path d="M6 16.5V11a6 6 0 0 1 12 0v5.5l1.5 1.5h-15ZM10 20.5h4"/>',
  search: '<circle cx="11" cy="11" r="6.5"/><path d="m16 16 4.5 4.5"/>',
  people:
    '<circle cx="9" cy="8.5" r="3.5"/><path d="M2.5 19.5c.5-4 3-6 6.5-6s6 2 6.5 6M15.5 5.3a3.5 3.5 0 0 1 0 6.4M18 14.2c2 .9 3.2 2.7 3.5 5.3"/>',
  person: '<circle cx="12" cy="8" r="4"/><path d="M4.5 20.5c.7-4.3 3.5-6.5 7.5-6.5s6.8 2.2 7.5 6.5"/>',
  globe:
    '<circle cx="12" cy="12" r="8.5"/><path d="M3.5 12h17M12 3.5c3 2.5 4 5.3 4 8.5s-1 6-4 8.5c-3-2.5-4-5.3-4-8.5s1-6 4-8.5Z"/>',
  info: '<circle cx="12" cy="12" r="8.5"/><path d="M12 11v5.5M12 7.5v.5"/>',
  settings:
    '<path d="M4 7h9M17 7h3M4 17h3M11 17h9"/><circle cx="15" cy="7" r="2"/><circle cx="9" cy="17" r="2"/>',
  brush:
    '<path d="m13.5 14.5 6.3-8.6c.9-1.2-.5-2.6-1.7-1.7l-8.6 6.3M13.5 14.5l-4-4M9.5 10.5c-2.5 0-4 1.5-4.2 3.8-.1 1.9-.8 3.2-2.3 4.2 4.5 2 10 1 10.5-4"/>',
  reply: '<path d="M10 7 4.5 12 10 17M5 12h8.5c3.5 0 5.5 2 6 5.5"/>',
  boost: '<path d="M7 18V8M4 11l3-3 3 3M17 6v10M14 13l3 3 3-3"/>',
  like: '<path d="M12 20S4 15.2 4 9.4C4 6.8 5.9 5 8.2 5c1.6 0 3 .8 3.8 2.2C12.8 5.8 14.2 5 15.8 5 18.1 5 20 6.8 20 9.4 20 15.2 12 20 12 20Z"/>',
  quote: '<path d="M9.5 7C6.5 8 5 10.5 5 14v3h5v-5H7.5M18.5 7c-3 1-4.5 3.5-4.5 7v3h5v-5h-2.5"/>',
  bookmark: '<path d="M6.5 4h11v16.5L12 16.5l-5.5 4Z"/>',
  remove: '<path d="M5 7h14M10 4h4M7 7l.8 13h8.4L17 7M10.5 10.5v6M13.5 10.5v6"/>',
  more: '<circle cx="5.5" cy="12" r="1"/><circle cx="12" cy="12" r="1"/><circle cx="18.5" cy="12" r="1"/>',
  public:
    '<circle cx="12" cy="12" r="8.5"/><path d="M3.5 12h17M12 3.5c3 2.5 4 5.3 4 8.5s-1 6-4 8.5c-3-2.5-4-5.3-4-8.5s1-6 4-8.5Z"/>',
  unlisted: '<path d="M19.5 14.5A8 8 0 0 1 9.5 4.5a8 8 0 1 0 10 10Z"/>',
  followers: '<rect x="5" y="10.5" width="14" height="9.5" rx="1.5"/><path d="M8 10.5V8a4 4 0 0 1 8 0v2.5"/>',
  direct: '<circle cx="12" cy="12" r="3.5"/><path d="M15.5 8.5V13c0 3.5 5 3 5-1A8.5 8.5 0 1 0 17 19"/>',
  pin: '<path d="m9 4 6 0-1 6 3.5 3.5h-11L10 10ZM12 13.5V20"/>',
  back: '<path d="m14.5 6-6 6 6 6"/>',
  link: '<path d="M10 14a4 4 0 0 0 5.7 0l3-3A4 4 0 0 0 13 5.3l-1.2 1.2M14 10a4 4 0 0 0-5.7 0l-3 3a4 4 0 0 0 5.7 5.7l1.2-1.2"/>',
  key: '<circle cx="8" cy="12" r="4"/><path d="M12 12h8.5v3.5M17 12v2.5"/>',
  move: '<path d="M4 12h15M13 6l6 6-6 6"/>',
  cloud: '<path d="M7 18.5a4 4 0 0 1-.5-8 5.5 5.5 0 0 1 10.6-.8 4.4 4.4 0 0 1-.6 8.8Z"/>',
  block: '<circle cx="12" cy="12" r="8.5"/><path d="m6 6 12 12"/>',
  filter: '<path d="M4 5.5h16L14 13v6l-4-2v-4Z"/>',
  flag: '<path d="M6 21V4.5c4-2 7 2 12 0v9c-5 2-8-2-12 0"/>',
  clock: '<circle cx="12" cy="12" r="8.5"/><path d="M12 7v5l3.5 2"/>',
  send: '<path d="M20.5 3.5 10 14M20.5 3.5 14 20.5 10 14 3.5 10Z"/>',
  smile: '<circle cx="12" cy="12" r="8.5"/><path d="M8.5 14c1.5 2.5 5.5 2.5 7 0M9 9.5v.5M15 9.5v.5"/>',
  check: '<path d="m5 12.5 4.5 4.5L19 7"/>',
} as const

export type IconName = keyof typeof paths

/** A decoration: whatever it stands on says in words what it is. */
export const Icon = ({ name }: { name: IconName }) => (
  <svg class="icon" viewBox="0 0 24 24" width="24" height="24" aria-hidden="true">
    {raw(paths[name])}
  </svg>
)
