import zlib from 'node:zlib'
import { describe, expect, test, vi } from 'vitest'
import { createContentCapture } from '../content/content-capture.ts'
import type { ContentLine } from '../content/content-line.ts'
import type { Evidence, ObservationEvidence } from '../evidence/evidence.ts'
import { SHIPPED_PROVIDERS } from '../providers/active-providers.ts'
import { requestHeaders } from '../providers/fixtures/wire-bytes.ts'
import { createExchangeReader, type ExchangeReader } from '../providers/reading/exchange-reader.ts'
import { HeldBytes } from './held-bytes.ts'
import { REQUEST_BODY, REQUEST_HEADERS, RESPONSE_BODY, RESPONSE_HEADERS } from './messages.ts'
import { Observation, type ObservationOptions } from './observation.ts'
import { createObservationWriter } from './observation-writer.ts'
import { createObserverActivity } from './observer-activity.ts'
import { createObserverCounters } from './observer-counters.ts'

const ANSWER = JSON.stringify({
  model: 'gpt-4o',
  choices: [{ message: { content: 'hi' } }],
  usage: { prompt_tokens: 1, completion_tokens: 1 },
})
const call = {
  recordId: '019b76da-a800-7000-8000-000000000001',
  org: 'org_1',
  keyId: 'key_1',
  keyHint: null,
  provider: 'openai',
  capture: { redact: true, promptHashMode: 'sha256' },
} as const
const broken = (): never => {
  throw new Error('a fault that a test put in')
}

interface Faults {
  readonly reader?: (real: ExchangeReader) => ExchangeReader
  readonly price?: () => never
  readonly contentSpool?: () => never
  readonly append?: ObservationOptions['append']
  readonly counter?: () => never
  readonly release?: () => never
  readonly secret?: Buffer
}

/** One whole call through an observation in which something fails. */
async function observe(faults: Faults, { encoding = 'identity', cut = false } = {}) {
  const counters = createObserverCounters()
  const activity = createObserverActivity()
  const rows: Evidence[] = []
  const lines: ContentLine[] = []
  const seen: unknown[] = []
  const append =
    faults.append ??
    ((row, done) => {
      rows.push(row)
      done(null)
    })
  const write = createObservationWriter({
    writer: 'i/observer',
    version: () => 1,
    counters,
    activity,
    price:
      faults.price ??
      (() => ({ costUsd: '1', costStatus: 'exact', priceVersion: 'v', costReason: null })),
    capture: {
      promptHashSecret: Buffer.alloc(32),
      content: createContentCapture({
        programDirectory: null,
        onFault: (error) => seen.push(error),
      }),
      spool: {
        append:
          faults.contentSpool ??
          ((line, done) => {
            lines.push(line)
            done(null)
          }),
      },
    },
    onFault: (error) => seen.push(error),
  })
  const create = (...parameters: Parameters<typeof createExchangeReader>) => {
    const real = createExchangeReader(...parameters)
    return faults.reader?.(real) ?? real
  }
  const counting =
    faults.counter === undefined
      ? null
      : {
          counter: { count: faults.counter, close() {} },
          retention: { usedBytes: 0, maxBytes: 1e6 },
        }
  const observation = new Observation({
    providers: SHIPPED_PROVIDERS,
    ...{ call, counters, activity, append, write, counting },
    nowMs: () => 0,
    overloaded: () => false,
    held: new HeldBytes({ maxBytes: 1e9, maxBytesPerOrg: 1e9 }),
    keepsText: true,
    release: faults.release ?? (() => {}),
    forget: () => {},
    onFault: (error) => seen.push(error),
    createReader: create,
  })
  const headers = (fields: Readonly<Record<string, string>>) => Buffer.from(requestHeaders(fields))
  const body = (bytes: Uint8Array, end: boolean) => {
    const field = Buffer.concat([Buffer.from([0x0a]), varint(bytes.length), bytes])
    return end ? Buffer.concat([field, Buffer.from([0x10, 1])]) : field
  }
  const say = (kind: number, member: Uint8Array) =>
    observation.message({ kind, member, metadata: null, attributes: null, copied: true })
  const content = 'x'.repeat(50_000)
  const request = Buffer.from(
    JSON.stringify({ model: 'gpt-4o', messages: [{ role: 'user', content }] }),
  )
  say(
    REQUEST_HEADERS,
    headers({
      ':method': 'POST',
      ':path': '/v1/proxy/openai/chat/completions',
      'content-type': 'application/json',
      'content-encoding': encoding,
    }),
  )
  say(
    REQUEST_BODY,
    body(encoding === 'gzip' ? zlib.gzipSync(request, { level: 0 }) : request, true),
  )
  say(RESPONSE_HEADERS, headers({ ':status': '200', 'content-type': 'application/json' }))
  say(RESPONSE_BODY, body(Buffer.from(ANSWER), !cut))
  if (cut) {
    observation.checkpoint()
    observation.callEnded(200, true)
    observation.finish('call_ended_early')
  }
  // A compressed body is decoded in a thread.
  await vi.waitFor(() => expect(counters.observed).toBe(1), { timeout: 10_000, interval: 1 })
  const observations = rows.filter(
    (row): row is ObservationEvidence => row.kind === 'observation' && row.final,
  )
  return { counters, activity, observations, lines, seen }
}

function varint(value: number): Buffer {
  const bytes: number[] = []
  let rest = value
  for (; rest > 0x7f; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80)
  return Buffer.from([...bytes, rest])
}

/** The real reader but for one method. */
const but =
  (method: keyof ExchangeReader, fault: (real: ExchangeReader) => unknown) =>
  (real: ExchangeReader) =>
    new Proxy(real, {
      get: (target, name) => (name === method ? fault(target) : Reflect.get(target, name, target)),
    })

describe.each(['identity', 'gzip'])(
  'a fault while a call in %s is read ends its reading and nothing else',
  (encoding) => {
    test.each<[string, Faults]>([
      ['as a piece of the request comes', { reader: but('requestBody', () => broken) }],
      ['as the request ends', { reader: but('requestEnd', () => broken) }],
      ['as the answer begins', { reader: but('responseStart', () => broken) }],
      ['as a piece of the answer comes', { reader: but('responseBody', () => broken) }],
      ['as it is weighed', { reader: but('pendingBytes', broken) }],
      ['as it is finished', { reader: but('finish', () => broken) }],
      [
        'in a callback of its decoder',
        {
          reader: but(
            'finish',
            (real) => (done: (facts: never) => void) => real.finish(() => done(null as never)),
          ),
        },
      ],
      ['in the reader from its first byte on', { reader: broken }],
    ])('%s', async (_, faults) => {
      const { counters, activity, observations, seen } = await observe(faults, { encoding })
      expect(observations).toHaveLength(1)
      expect({ ...counters, ...activity }).toMatchObject({ observed: 1, finishing: 0 })
      if (observations[0]?.gap !== null) {
        expect(observations[0]).toMatchObject({ gap: 'reading_failed', usage_source: 'none' })
        expect(counters.readingFailed).toBeGreaterThan(0)
        expect(seen.length).toBeGreaterThan(0)
      }
    })

    test('pricing: the usage is kept, the cost is not known', async () => {
      const { observations, seen } = await observe({ price: broken }, { encoding })
      expect(observations).toMatchObject([
        { gap: null, input_tokens: 1, cost_usd: null, cost_status: null },
      ])
      expect(seen).toHaveLength(1)
    })

    test('the content spool: previews and usage are kept, the text is not', async () => {
      const { observations } = await observe({ contentSpool: broken }, { encoding })
      expect(observations.at(-1)).toMatchObject({
        gap: null,
        input_tokens: 1,
        content_gap: 'spool_full',
        content_key: null,
      })
    })

    test('the token counter, which is asked where nothing was reported', async () => {
      const { observations, activity } = await observe({ counter: broken }, { encoding })
      expect(observations).toHaveLength(1)
      expect(activity.finishing).toBe(0)
    })

    test('the end of the stream', async () => {
      const { observations, counters, activity } = await observe({ release: broken }, { encoding })
      expect(observations).toHaveLength(1)
      expect({ ...counters, ...activity }).toMatchObject({ observed: 1, finishing: 0 })
    })

    test('the spool itself: nothing can be written, and the counters stay right', async () => {
      const { observations, counters, activity, seen } = await observe(
        { append: broken },
        { encoding },
      )
      expect(observations).toEqual([])
      expect({ ...counters, ...activity }).toMatchObject({ observed: 1, finishing: 0 })
      expect(seen.length).toBeGreaterThan(0)
    })

    test('a checkpoint', async () => {
      const { observations } = await observe(
        { reader: but('soFar', () => broken) },
        { encoding, cut: true },
      )
      expect(observations).toMatchObject([{ gap: 'call_ended_early' }])
    })
  },
)
