import { APIError } from 'openai'
import { expect, test } from 'vitest'
import { readEvents } from '#src/ai/event-stream.ts'

/** Reads the text in chunks of so many bytes: characters and line ends may be cut in two. */
async function events(text: string, chunkBytes = 7): Promise<unknown[]> {
  const bytes = new TextEncoder().encode(text)
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (let start = 0; start < bytes.length; start += chunkBytes) {
        controller.enqueue(bytes.slice(start, start + chunkBytes))
      }
      controller.close()
    },
  })
  const items: unknown[] = []
  for await (const item of readEvents(new Response(body))) items.push(item)
  return items
}

test.each([1, 2, 3, 1000])('events are read whole from chunks of %d bytes', async (chunkBytes) => {
  const text = ': hello\n\nevent: a\ndata: {"é":1}\n\ndata:{"b":\ndata:2}\nid: 9\n\r\ndata: [3]\r\n\r\n'
  expect(await events(text, chunkBytes)).toEqual([{ é: 1 }, { b: 2 }, [3]])
})

test('the last event needs no blank line', async () => {
  expect(await events('data: {"a":1}\n\ndata: {"b":2}')).toEqual([{ a: 1 }, { b: 2 }])
})

test('nothing is read after the end mark', async () => {
  expect(await events('data: {"a":1}\n\ndata: [DONE]\n\ndata: junk\n\n')).toEqual([{ a: 1 }])
})

test('an empty answer has no events', async () => {
  expect(await events('')).toEqual([])
})

test.each([
  'data: {"error":{"code":"server_error","message":"no"}}\n\n',
  'event: error\ndata: {"code":"server_error","message":"no"}\n\n',
])('an error event is thrown: %j', async (text) => {
  await expect(events(text)).rejects.toMatchObject({ code: 'server_error' })
  await expect(events(text)).rejects.toBeInstanceOf(APIError)
})

test('an error in plain words is thrown', async () => {
  await expect(events('data: {"error":"out of memory"}\n\n')).rejects.toThrow('out of memory')
})

test('what is no JSON is a fault of the provider', async () => {
  await expect(events('data: {"a":\n\n')).rejects.toMatchObject({ code: 'unavailable' })
})
