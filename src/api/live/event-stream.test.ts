import { expect, test } from 'vitest'
import { EventStream } from './event-stream.ts'

test('events are written as EventSource reads them', () => {
  const stream = new EventStream()
  stream.send('record', { model: 'a\nb' }, 'id-1')
  stream.send('ping', {})
  stream.finish()
  expect(String(stream.read())).toBe(
    'retry: 3000\n\nevent: record\nid: id-1\ndata: {"model":"a\\nb"}\n\nevent: ping\ndata: {}\n\n',
  )
})

test('a reader that is too slow learns how many records it missed, and holds no memory', () => {
  const stream = new EventStream()
  const text = 'x'.repeat(1_000)
  for (let n = 0; n < 5_000; n += 1) stream.send('record', { text })
  expect(stream.readableLength).toBeLessThan(1_100_000)
  const read = [stream.read(), stream.read()].map((piece) => String(piece ?? '')).join('')
  const kept = read.split('event: record').length - 1
  expect(read).toMatch(/\n\nevent: skipped\ndata: \{"records":\d+\}\n\n$/)
  expect(read).toContain(`{"records":${5_000 - kept}}`)
  stream.send('record', {})
  expect(String(stream.read())).toBe('event: record\ndata: {}\n\n')
})

test('what is sent after the end is left out', () => {
  const stream = new EventStream()
  stream.finish()
  stream.send('ping', {})
  stream.finish()
  expect(String(stream.read())).toBe('retry: 3000\n\n')
})
