// The limit of everything that is read: one route, the same HTTP server. Plain JavaScript, so that neither its start
// nor its memory holds a compiler.
import { serve } from '@hono/node-server'
import { Hono } from 'hono'

const app = new Hono().get('/', (c) => c.json({ ok: true }))
serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, ({ port }) => process.send({ port }))
process.on('disconnect', () => process.exit(0))
