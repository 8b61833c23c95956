// The process in which pictures are decoded. It holds no secret, no connection and no state between pictures;
// the pool in process.ts starts it, bounds it and ends it.
import { setPriority } from 'node:os'
import { isPictureTask, OUT_OF_MEMORY, READY } from './child-protocol.ts'
import { allowOnlyPictureLoaders, renderPicture } from './render.ts'

const MEMORY_CHECK_MS = 25

const endNow = () => process.kill(process.pid, 'SIGKILL')
// Who cannot be reached is gone.
const send = (message: unknown, sent?: () => void) =>
  process.send?.(message, undefined, undefined, (error) => (error ? endNow() : sent?.()))

// Ctrl-C reaches the whole process group, but a draining server still wants its pictures.
process.on('SIGINT', () => {})
process.on('SIGTERM', () => {})
// The server is gone, however it ended.
process.on('disconnect', endNow)
process.on('message', async (message: unknown) => {
  if (!isPictureTask(message)) return
  // Decoding runs on libuv's threads, so this timer is never late by a whole picture.
  const watch = setInterval(() => {
    if (process.memoryUsage.rss() > message.maxRssBytes) send(OUT_OF_MEMORY, endNow)
  }, MEMORY_CHECK_MS)
  const result = await renderPicture(message.bytes, message.request)
  clearInterval(watch)
  send(result)
})

allowOnlyPictureLoaders()
setPriority(10)
send(READY)
