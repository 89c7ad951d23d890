import { crc32 } from 'node:zlib'
import { EventStreamCodec } from '@smithy/core/event-streams'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  amazonException,
  amazonMessage,
  converseEvents,
  modelChunks,
} from '../fixtures/amazon-events.ts'
import { chunks } from '../fixtures/play.ts'
import { AmazonEventDocuments } from './amazon-event-documents.ts'
import { AmazonEventReader, type MessageHeaders } from './amazon-event-stream.ts'

interface ReadMessage {
  readonly headers: MessageHeaders
  readonly payload: string
}

function messagesOf(bytes: Uint8Array, sizes: number | readonly number[] | null = null) {
  const messages: ReadMessage[] = []
  let headers: MessageHeaders | null = null
  let payload: Buffer[] = []
  const reader = new AmazonEventReader({
    message(seen) {
      headers = seen
      payload = []
    },
    data: (piece, start, end) => payload.push(Buffer.from(piece.subarray(start, end))),
    messageEnd() {
      if (headers !== null)
        messages.push({ headers, payload: Buffer.concat(payload).toString('latin1') })
    },
  })
  for (const chunk of chunks(bytes, sizes)) reader.write(Buffer.from(chunk))
  return { messages, isBroken: reader.isBroken, isBetweenMessages: reader.isBetweenMessages }
}

function documentsOf(bytes: Uint8Array, chunkBytes: number | null = null) {
  const documents: string[] = []
  const states: boolean[] = []
  let document = ''
  const reader = new AmazonEventReader(
    new AmazonEventDocuments({
      data(piece, start, end) {
        document += piece.toString('latin1', start, end)
      },
      documentEnd(isJson) {
        documents.push(Buffer.from(document, 'latin1').toString())
        states.push(isJson)
        document = ''
      },
    }),
  )
  for (const chunk of chunks(bytes, chunkBytes)) reader.write(Buffer.from(chunk))
  return { documents, states }
}

const codec = new EventStreamCodec(
  (bytes) => (typeof bytes === 'string' ? bytes : Buffer.from(bytes).toString()),
  (text) => Buffer.from(text),
)

describe('messages of an Amazon event stream', () => {
  const headers = fc.record({
    ':message-type': fc.constantFrom('event', 'exception', 'error'),
    ':event-type': fc.string({ maxLength: 20 }),
    other: fc.string({ maxLength: 300 }),
  })
  const message = fc.tuple(headers, fc.uint8Array({ maxLength: 500 }))

  test('are read as AWS’s own codec wrote them, however they are cut', () => {
    fc.assert(
      fc.property(
        fc.array(message, { maxLength: 6 }),
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 }),
        (written, sizes) => {
          const bytes = Buffer.concat(
            written.map(([named, body]) =>
              codec.encode({
                headers: {
                  number: { type: 'integer', value: 7 },
                  flag: { type: 'boolean', value: true },
                  when: { type: 'timestamp', value: new Date(0) },
                  raw: { type: 'binary', value: new Uint8Array(3) },
                  ...Object.fromEntries(
                    Object.entries(named).map(([name, value]) => [name, { type: 'string', value }]),
                  ),
                },
                body,
              }),
            ),
          )
          const { messages, isBroken, isBetweenMessages } = messagesOf(bytes, sizes)
          expect([isBroken, isBetweenMessages]).toEqual([false, true])
          expect(messages).toEqual(
            written.map(([named, body]) => ({
              headers: {
                messageType: named[':message-type'],
                eventType: named[':event-type'],
                exceptionType: null,
                errorCode: null,
              },
              payload: Buffer.from(body).toString('latin1'),
            })),
          )
        },
      ),
    )
  })

  test('made by the fixture are what AWS’s own codec accepts', () => {
    const decoded = codec.decode(amazonMessage({ ':event-type': 'metadata' }, '{"a":1}'))
    expect(decoded.headers[':event-type']?.value).toBe('metadata')
    expect(Buffer.from(decoded.body).toString()).toBe('{"a":1}')
  })

  test('end at the first one with a wrong byte, wherever it is; those before it count', () => {
    const good = converseEvents(['messageStart', { role: 'assistant' }])
    const bad = converseEvents(['messageStop', { stopReason: 'end_turn' }])
    for (let at = 0; at < bad.length; at++) {
      const damaged = Buffer.from(bad)
      damaged[at] = (damaged[at] ?? 0) ^ 0x55
      const { messages, isBroken } = messagesOf(Buffer.concat([good, damaged, good, good]))
      expect([at, messages.length, isBroken]).toEqual([at, 1, true])
    }
  })

  test('of lengths that cannot be end the reading before anything is held for them', () => {
    for (const [total, head] of [
      [15, 0],
      [16, 1],
      [0xffffffff, 0xffffff00],
      [300_000, 200_000],
    ] as const) {
      const length = Buffer.alloc(8)
      length.writeUInt32BE(total, 0)
      length.writeUInt32BE(head, 4)
      const right = Buffer.alloc(4)
      right.writeUInt32BE(crc32(length))
      expect([total, messagesOf(Buffer.concat([length, right])).isBroken]).toEqual([total, true])
    }
  })
})

describe('documents of an Amazon event stream', () => {
  test('stand under their event’s name, and of chunks are what the model wrote', () => {
    const stream = Buffer.concat([
      converseEvents(['messageStop', { stopReason: 'end_turn' }]),
      modelChunks({ type: 'message_stop', text: 'Tiefe: 11 km 的' }),
      amazonException('throttlingException', 'Too many tokens, please wait'),
      amazonMessage({ ':message-type': 'event', ':event-type': 'ping' }, ''),
      amazonMessage({ ':message-type': 'error', ':error-code': 'InternalError' }, ''),
    ])
    for (const size of [1, 2, 3, 7, null]) {
      const { documents, states } = documentsOf(stream, size)
      expect(documents).toEqual([
        '{"messageStop":{"stopReason":"end_turn","p":"abcdefghijkl"}}',
        '{"type":"message_stop","text":"Tiefe: 11 km 的"}',
        '{"error":{"type":"throttlingException"}}',
        '{"ping":null}',
        '{"error":{"type":"InternalError"}}',
      ])
      expect(states.every((isJson) => isJson)).toBe(true)
    }
  })

  test('of a chunk whose payload is no JSON say so', () => {
    const headers = { ':message-type': 'event', ':event-type': 'chunk' }
    expect(documentsOf(amazonMessage(headers, '{"bytes":"e30=')).states).toEqual([false])
  })
})
