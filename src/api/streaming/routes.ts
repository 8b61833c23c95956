import { type Context, Hono } from 'hono'
import { AppError } from '#src/base/errors.ts'
import { flag } from '../bodies.ts'
import type { StreamEnv } from './event-source.ts'
import type { Streaming } from './streaming.ts'

/**
 * https://docs.joinmastodon.org/methods/streaming/, mounted at `/api/v1/streaming`: what is not a WebSocket. Each
 * checks its token itself, which may stand in the address, and refuses in the words of Mastodon's streaming.
 */
export function streamingRoutes(streaming: Streaming) {
  const open = (stream: string) => (c: Context<StreamEnv>) =>
    streaming.openEventSource(c, { stream, tag: c.req.query('tag'), list: c.req.query('list') })
  const openPublic = (stream: string) => (c: Context<StreamEnv>) =>
    open(flag.parse(c.req.query('only_media')) ? `${stream}:media` : stream)(c)
  return new Hono<StreamEnv>()
    .get('/health', (c) => c.text('OK'))
    .get('/user', open('user'))
    .get('/user/notification', open('user:notification'))
    .get('/public', openPublic('public'))
    .get('/public/local', openPublic('public:local'))
    .get('/public/remote', openPublic('public:remote'))
    .get('/hashtag', open('hashtag'))
    .get('/hashtag/local', open('hashtag:local'))
    .get('/list', open('list'))
    .get('/direct', open('direct'))
    .get('*', () => {
      throw new AppError('malformed', 'Unknown channel requested')
    })
}
