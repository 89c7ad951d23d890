import { createParser } from 'eventsource-parser'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { chunks } from '../fixtures/play.ts'
import { SseReader } from './sse.ts'

/** The data of each event. */
function read(
  stream: string | Uint8Array,
  sizes: number | readonly number[] | null = null,
): string[] {
  const events: string[] = []
  let pieces: Buffer[] = []
  const reader = new SseReader({
    data: (bytes, start, end) => pieces.push(Buffer.from(bytes.subarray(start, end))),
    event: () => {
      events.push(Buffer.concat(pieces).toString())
      pieces = []
    },
  })
  for (const chunk of chunks(Buffer.from(stream), sizes)) reader.write(Buffer.from(chunk.buffer))
  reader.end()
  return events
}

function oracle(stream: string): string[] {
  const events: string[] = []
  const parser = createParser({ onEvent: ({ data }) => events.push(data) })
  parser.feed(stream)
  return events
}

const field = fc
  .oneof(
    fc.string({ unit: 'grapheme' }),
    fc.constantFrom('{"a":1}', '[DONE]', ':', ' x', 'é😀', ''),
  )
  .map((text) => text.replace(/[\r\n\ufeff]/g, ''))
const line = fc.oneof(
  field.map((text) => `data: ${text}`),
  field.map((text) => `data:${text}`),
  field.map((text) => `event: ${text}`),
  field.map((text) => `: ${text}`),
  field.map((text) => `id: ${text}`),
  fc.constantFrom(
    '',
    '',
    '',
    'data',
    'event',
    'retry: 10',
    'dat: x',
    'datax: y',
    'eventual: z',
    'da',
    ' data: no',
  ),
  field,
)
const lineEnd = fc.constantFrom('\n', '\r\n', '\r')

describe('reading an event stream', () => {
  test('gives the events that eventsource-parser gives, wherever the bytes are cut', () => {
    const streams = fc
      .array(fc.tuple(line, lineEnd), { maxLength: 30 })
      .map((lines) => `${lines.flat().join('')}\n\n`)
    fc.assert(
      fc.property(
        streams,
        fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 5 }),
        (stream, cuts) => {
          expect(read(stream, cuts)).toEqual(oracle(stream))
        },
      ),
      { numRuns: 2_000 },
    )
  })

  test('keeps a last event without its blank line, and without its line end', () => {
    for (const size of [null, 1, 3]) {
      expect(read('data: a\n\nevent: e\ndata: b\n', size)).toEqual(['a', 'b'])
      expect(read('data: a', size)).toEqual(['a'])
    }
  })

  test('skips a byte order mark, also when it is cut', () => {
    for (const size of [null, 1, 2]) expect(read('\ufeffdata: a\n\n', size)).toEqual(['a'])
  })

  test('joins the lines of one event', () => {
    expect(read('data: {"a":\r\ndata:1}\r\n\r\n', 1)).toEqual(['{"a":\n1}'])
  })
})
