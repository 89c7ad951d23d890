import path from 'node:path'
import { Client, type ClientDuplexStream, credentials } from '@grpc/grpc-js'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { ACCESS_LOGS, PROCESSING_REQUEST } from '../../test/support/envoy-messages.ts'
import { eventually } from '../../test/support/eventually.ts'
import { temporaryDirectory } from '../../test/support/temporary-directory.ts'
import { createContentCapture } from '../content/content-capture.ts'
import type { ContentLine, ContentSpool } from '../content/content-line.ts'
import type { ClosingEvidence, Evidence, ObservationEvidence } from '../evidence/evidence.ts'
import { type CallMetadata, createMetadataSeal } from './call-metadata.ts'
import { createGrpcServer } from './grpc-server.ts'
import { createObserver, type Observer } from './observer.ts'
import { createObserverActivity, type ObserverActivity } from './observer-activity.ts'
import { createObserverCounters, type ObserverCounters } from './observer-counters.ts'

const PROCESS = '/envoy.service.ext_proc.v3.ExternalProcessor/Process'
const ACCESS_LOG = '/envoy.service.accesslog.v3.AccessLogService/StreamAccessLogs'

const seal = createMetadataSeal(Buffer.from('secret of a test'))
const call: CallMetadata = {
  recordId: '019b76da-a800-7000-8000-000000000001',
  org: 'org_1',
  keyId: 'key_1',
  keyHint: '...abcd',
  provider: 'openai',
  capture: null,
}
const answer = JSON.stringify({
  id: 'chatcmpl-1',
  model: 'gpt-4o-2024-08-06',
  choices: [{ finish_reason: 'stop' }],
  usage: { prompt_tokens: 12, completion_tokens: 3, total_tokens: 15 },
})

let directory: string
let client: Client
let server: ReturnType<typeof createGrpcServer>
let observer: Observer
let counters: ObserverCounters
let activity: ObserverActivity
let rows: Evidence[]
let lines: ContentLine[]
let contentFull: boolean
let errors: unknown[]
let overloaded: boolean
let streams: Array<ClientDuplexStream<Buffer, Buffer>>

beforeEach(async () => {
  directory = temporaryDirectory()
  counters = createObserverCounters()
  activity = createObserverActivity()
  rows = []
  lines = []
  contentFull = false
  errors = []
  streams = []
  overloaded = false
  // A stream of the test before may end only now: its rows are not this test's.
  const mine = rows
  const mineOfContent = lines
  const spool = {
    append(row: Evidence, done: (error: Error | null) => void) {
      mine.push(row)
      done(null)
    },
  }
  const contentSpool: ContentSpool = {
    append(line, done) {
      mineOfContent.push(line)
      done(contentFull ? new Error('full') : null)
    },
  }
  const content = createContentCapture({
    programDirectory: null,
    onFault: (error) => errors.push(error),
  })
  const capture = {
    spool: contentSpool,
    content,
    promptHashSecret: Buffer.from('secret of hashes'),
  }
  observer = createObserver({
    seal,
    spool,
    capture,
    writer: 'i/observer',
    counters,
    activity,
    overloaded: () => overloaded,
  })
  server = createGrpcServer({
    methods: { [PROCESS]: observer.process, [ACCESS_LOG]: observer.accessLog },
    streamWindowBytes: 8 * 1024 * 1024,
    onError: (error) => errors.push(error),
  })
  await new Promise<void>((resolve) =>
    server.listen(path.join(directory, 'observer.sock'), resolve),
  )
  client = new Client(`unix:${path.join(directory, 'observer.sock')}`, credentials.createInsecure())
})
afterEach(() => {
  for (const stream of streams) stream.cancel()
  client.close()
  server.close()
})

const observations = () =>
  rows.filter((row): row is ObservationEvidence => row.kind === 'observation' && row.final)
const checkpoints = () =>
  rows.filter((row): row is ObservationEvidence => row.kind === 'observation' && !row.final)
const closings = () => rows.filter((row): row is ClosingEvidence => row.kind === 'closing')

const struct = (fields: Readonly<Record<string, string>>) => ({
  filter_metadata: {
    'flint.audit': {
      fields: Object.fromEntries(
        Object.entries(fields).map(([key, value]) => [key, { stringValue: value }]),
      ),
    },
  },
})
const claims = (one: CallMetadata = call, forged: Readonly<Record<string, string>> = {}) => ({
  ...seal.seal(one, false),
  ...forged,
})

interface Copy {
  /** True once the observer has let go of the stream. */
  readonly released: () => boolean
  readonly say: (message: object) => void
  readonly cut: () => void
}

/** One copied call, as flint.observe sends it; every message repeats the metadata. */
function copy(metadata: Readonly<Record<string, string>> | null = claims()): Copy {
  const stream = client.makeBidiStreamRequest(
    PROCESS,
    (bytes: Buffer) => bytes,
    (bytes: Buffer) => bytes,
  )
  streams.push(stream)
  let released = false
  stream
    .on('error', () => {})
    .on('end', () => {
      released = true
    })
  stream.resume()
  const context = metadata === null ? {} : { metadata_context: struct(metadata) }
  return {
    released: () => released,
    say: (message) =>
      stream.write(
        Buffer.from(
          PROCESSING_REQUEST.encode(
            PROCESSING_REQUEST.fromObject({ ...message, ...context, observability_mode: true }),
          ).finish(),
        ),
      ),
    cut: () => stream.cancel(),
  }
}

const headerMap = (fields: Readonly<Record<string, string>>, end: boolean) => ({
  headers: {
    headers: Object.entries(fields).map(([key, value]) => ({ key, raw_value: Buffer.from(value) })),
  },
  end_of_stream: end,
})
const requestHeaders = (end = false) => ({
  request_headers: headerMap(
    {
      ':method': 'POST',
      ':path': '/v1/proxy/openai/chat/completions?key=x',
      'content-type': 'application/json',
    },
    end,
  ),
})
const requestBody = (body: string | Buffer, end: boolean) => ({
  request_body: { body: Buffer.from(body), end_of_stream: end },
})
const responseHeaders = (status = 200, end = false, contentType = 'application/json') => ({
  response_headers: headerMap({ ':status': String(status), 'content-type': contentType }, end),
})
const responseBody = (body: string | Buffer, end: boolean) => ({
  response_body: { body: Buffer.from(body), end_of_stream: end },
})
const wholeCall = [
  requestHeaders(),
  requestBody('{"model":"gpt-4o"}', true),
  responseHeaders(),
  responseBody(answer, true),
]

/** What Envoy's access log stream says of a call's end. */
function log(
  fields: Readonly<Record<string, string>> | null,
  {
    status = 200,
    flags = {},
    route = 'openai',
  }: { status?: number; flags?: object; route?: string } = {},
): void {
  const stream = client.makeBidiStreamRequest(
    ACCESS_LOG,
    (bytes: Buffer) => bytes,
    (bytes: Buffer) => bytes,
  )
  streams.push(stream)
  stream.on('error', () => {}).resume()
  const entry = {
    common_properties: {
      route_name: route,
      duration: { seconds: 1 },
      response_flags: flags,
      ...(fields ? { metadata: struct(fields) } : {}),
    },
    response: { response_code: { value: status } },
  }
  stream.write(
    Buffer.from(
      ACCESS_LOGS.encode(ACCESS_LOGS.fromObject({ http_logs: { log_entry: [entry] } })).finish(),
    ),
  )
}

describe('a whole call', () => {
  test('is one observation, and the stream is let go at once', async () => {
    const { say, released } = copy()
    for (const message of wholeCall) say(message)
    await eventually(() => expect(released()).toBe(true))
    expect(rows).toMatchObject([
      {
        kind: 'observation',
        final: true,
        org: 'org_1',
        record_id: call.recordId,
        created_at: '2026-01-01 00:00:00.000',
        key_id: 'key_1',
        key_hint: '...abcd',
        endpoint: '/v1/chat/completions',
        status: 200,
        model: 'gpt-4o-2024-08-06',
        request_model: 'gpt-4o',
        input_tokens: 12,
        output_tokens: 3,
        request_bytes: 18,
        response_bytes: answer.length,
        request_complete: true,
        response_complete: true,
        gap: null,
      },
    ])
    await eventually(() =>
      expect({ ...counters, ...activity }).toMatchObject({
        observed: 1,
        openStreams: 0,
        streamsLost: 0,
        unattributed: 0,
      }),
    )
  })

  test.each([
    [
      'an empty request and trailers after the answer',
      [
        requestHeaders(true),
        responseHeaders(),
        responseBody(answer, false),
        { response_trailers: {} },
      ],
    ],
    [
      'trailers after the request and an answer without body',
      [
        requestHeaders(),
        requestBody('{}', false),
        { request_trailers: {} },
        responseHeaders(204, true),
      ],
    ],
    [
      'an answer that is over before the request is',
      [
        requestHeaders(),
        responseHeaders(),
        responseBody(answer, true),
        requestBody('{"model":"gpt-4o"}', true),
      ],
    ],
    [
      'an end that is an empty body',
      [
        requestHeaders(),
        requestBody('', true),
        responseHeaders(),
        responseBody(answer, false),
        responseBody('', true),
      ],
    ],
    [
      'bytes in many small pieces',
      [
        requestHeaders(),
        ...[...'{"model":"gpt-4o"}'].map((byte) => requestBody(byte, false)),
        requestBody('', true),
        responseHeaders(),
        ...[...answer].map((byte, index) => responseBody(byte, index === answer.length - 1)),
      ],
    ],
  ])('may end with %s', async (_, messages) => {
    const { say, released } = copy()
    for (const message of messages) say(message)
    await eventually(() => expect(released()).toBe(true))
    expect(observations()).toMatchObject([
      { request_complete: true, response_complete: true, gap: null },
    ])
  })

  test('is not let go while one direction is open', async () => {
    const open = copy()
    for (const message of [requestHeaders(), responseHeaders(), responseBody(answer, true)])
      open.say(message)
    const other = copy(claims({ ...call, recordId: '019b76da-a800-7000-8000-000000000002' }))
    for (const message of wholeCall) other.say(message)
    await eventually(() => expect(other.released()).toBe(true))
    expect([open.released(), rows.length]).toEqual([false, 1])
    open.say(requestBody('{"model":"gpt-4o"}', true))
    await eventually(() => expect(open.released()).toBe(true))
  })

  test('is also reported by the access log, whichever comes first', async () => {
    const { say } = copy()
    for (const message of wholeCall) say(message)
    await eventually(() => expect(observations()).toHaveLength(1))
    log(claims())
    await eventually(() =>
      expect(closings()).toMatchObject([
        {
          record_id: call.recordId,
          org: 'org_1',
          status: 200,
          response_flags: '',
          latency_ms: 1_000,
        },
      ]),
    )
    expect(observations()).toHaveLength(1)
    expect(counters).toMatchObject({ observed: 1, closings: 1, forged: 0, unattributed: 0 })
  })
})

describe('no one but the gate says whose a call is', () => {
  test('a copy without its claims is let go, counted once, and leaves no row', async () => {
    const { say, released } = copy(null)
    for (const message of [...wholeCall, ...wholeCall]) say(message)
    await eventually(() => expect(released()).toBe(true))
    await eventually(() => expect(activity.openStreams).toBe(0))
    expect(counters).toMatchObject({ unattributed: 1, forged: 0, observed: 0, streamsLost: 0 })
    expect(rows).toEqual([])
  })

  test.each([
    ['another organisation', { org: 'org_2' }],
    ['a seal of somebody else', { mac: 'A'.repeat(22) }],
    ['a cut seal', { mac: 'AAAA' }],
    ['no organisation', { org: '' }],
  ])('a copy with %s is let go and counted as forged', async (_, forged) => {
    const { say, released } = copy(claims(call, forged))
    for (const message of wholeCall) say(message)
    await eventually(() => expect(released()).toBe(true))
    expect(counters).toMatchObject({ forged: 1, unattributed: 0, observed: 0 })
    expect(rows).toEqual([])
  })

  test('log entries without it are counted by what they lack', async () => {
    log(null)
    log(null, { route: 'unknown_provider', status: 400 })
    log(null, { route: 'page_request', status: 403 })
    log(claims(call, { org: 'org_2' }))
    await eventually(() =>
      expect(counters).toMatchObject({
        unattributed: 3,
        unknownProvider: 1,
        pageRequests: 1,
        forged: 1,
        closings: 0,
      }),
    )
    expect(rows).toEqual([])
  })

  test('a log entry with another organisation under a seal that was right is forged too', async () => {
    const { say } = copy()
    say(requestHeaders())
    await eventually(() => expect(activity.openStreams).toBe(1))
    log({ ...claims(), mac: 'B'.repeat(22) })
    await eventually(() => expect(counters.forged).toBe(1))
    expect(closings()).toEqual([])
  })
})

describe('a call that ended early', () => {
  test('is distinguished by the access log, which may overtake the last copied bytes', async () => {
    const { say, released } = copy()
    for (const message of [
      requestHeaders(),
      requestBody('{"model":"gpt-4o"}', true),
      responseHeaders(),
    ])
      say(message)
    await eventually(() => expect(activity.openStreams).toBe(1))
    log(claims(), { status: 200, flags: { downstream_connection_termination: true } })
    await eventually(() => expect(closings()).toMatchObject([{ response_flags: 'DC' }]))
    // Copied before the caller left, delivered after the log.
    say(responseBody(answer.slice(0, 60), false))
    await eventually(() => expect(released()).toBe(true))
    expect(observations()).toMatchObject([
      {
        gap: 'call_ended_early',
        response_complete: false,
        response_bytes: 60,
        request_model: 'gpt-4o',
        status: 200,
      },
    ])
    expect(counters).toMatchObject({ observed: 1, streamsLost: 0 })
  })

  test('and whose last bytes complete it after all has no gap', async () => {
    const { say, released } = copy()
    for (const message of wholeCall.slice(0, 3)) say(message)
    await eventually(() => expect(activity.openStreams).toBe(1))
    log(claims(), { flags: { downstream_connection_termination: true } })
    await eventually(() => expect(closings()).toHaveLength(1))
    say(responseBody(answer, true))
    await eventually(() => expect(released()).toBe(true))
    expect(observations()).toMatchObject([{ gap: null, response_complete: true, total_tokens: 15 }])
  })

  test('before there was an answer has the status of the log', async () => {
    const { say } = copy()
    say(requestHeaders())
    await eventually(() => expect(activity.openStreams).toBe(1))
    log(claims(), { status: 502, flags: { upstream_connection_failure: true } })
    await eventually(() =>
      expect(observations()).toMatchObject([{ status: 502, gap: 'call_ended_early' }]),
    )
    expect(closings()).toMatchObject([{ status: 502, response_flags: 'UF' }])
  })
})

describe('what the observer could not see, it says', () => {
  test('a copy that is cut is stream_lost, with what was seen until then', async () => {
    const { say, cut } = copy()
    for (const message of wholeCall.slice(0, 3)) say(message)
    say(responseBody(answer.slice(0, 10), false))
    await eventually(() => expect(activity.openStreams).toBe(1))
    cut()
    await eventually(() =>
      expect(observations()).toMatchObject([
        {
          gap: 'stream_lost',
          request_complete: true,
          response_complete: false,
          request_model: 'gpt-4o',
        },
      ]),
    )
    expect({ ...counters, ...activity }).toMatchObject({
      streamsLost: 1,
      observed: 1,
      openStreams: 0,
    })
  })

  test('an orderly stop writes every open observation', async () => {
    for (let id = 1; id <= 5; id++)
      copy(claims({ ...call, recordId: `019b76da-a800-7000-8000-00000000000${id}` })).say(
        requestHeaders(),
      )
    await eventually(() => expect(activity.openStreams).toBe(5))
    observer.close()
    expect(observations()).toHaveLength(5)
    expect(new Set(observations().map(({ record_id, gap }) => `${record_id} ${gap}`)).size).toBe(5)
    expect(observations()[0]?.gap).toBe('stream_lost')
  })

  test('bulky copies are let go while the loop is late, small ones never', async () => {
    overloaded = true
    const small = copy()
    for (const message of wholeCall) small.say(message)
    await eventually(() => expect(small.released()).toBe(true))
    expect(observations()).toMatchObject([{ gap: null, response_complete: true }])
    const bulky = copy(claims({ ...call, recordId: '019b76da-a800-7000-8000-000000000002' }))
    bulky.say(requestHeaders())
    for (let sent = 0; sent < 4_400_000; sent += 100_000)
      bulky.say(requestBody(Buffer.alloc(100_000, 'x'), false))
    await eventually(() => expect(bulky.released()).toBe(true))
    expect(observations()[1]).toMatchObject({ gap: 'observer_overloaded', request_complete: false })
    expect(observations()[1]?.request_bytes).toBeGreaterThanOrEqual(4_000_000)
    expect(counters).toMatchObject({ shed: 1, observed: 2, streamsLost: 0 })
  })

  test('a copy of two megabytes is read whole while the loop is late and nothing else comes: no caller waits for it', async () => {
    overloaded = true
    const { say, released } = copy()
    say(requestHeaders())
    for (let sent = 0; sent < 2_000_000; sent += 100_000)
      say(requestBody(Buffer.alloc(100_000, 'x'), false))
    for (const message of wholeCall.slice(1)) say(message)
    await eventually(() => expect(released()).toBe(true))
    expect(observations()).toMatchObject([{ gap: null, response_complete: true }])
  })

  test('bulky copies are read to their end while the loop is in time', async () => {
    const { say, released } = copy()
    say(requestHeaders())
    for (let sent = 0; sent < 4_000_000; sent += 500_000)
      say(requestBody(Buffer.alloc(500_000, 'x'), false))
    for (const message of [requestBody('', true), responseHeaders(), responseBody(answer, true)])
      say(message)
    await eventually(() => expect(released()).toBe(true))
    expect(observations()).toMatchObject([
      { gap: null, request_bytes: 4_000_000, total_tokens: 15 },
    ])
    expect(counters.shed).toBe(0)
  })
})

describe('a websocket', () => {
  const opening = [requestHeaders(), responseHeaders(101)]
  test('is complete when it was closed, also by the caller', async () => {
    for (const [id, flags] of [{}, { downstream_connection_termination: true }].entries()) {
      const metadata = claims({ ...call, recordId: `019b76da-a800-7000-8000-00000000000${id}` })
      const { say, released } = copy(metadata)
      for (const message of [
        ...opening,
        requestBody('frame', false),
        responseBody('frames', false),
      ])
        say(message)
      await eventually(() => expect(activity.openStreams).toBe(1))
      log(metadata, { status: 101, flags })
      await eventually(() => expect(released()).toBe(true))
      expect(observations()[id]).toMatchObject({
        status: 101,
        gap: null,
        request_complete: true,
        response_complete: true,
        response_bytes: 6,
      })
      await eventually(() => expect(activity.openStreams).toBe(0))
    }
  })

  test('is complete when its server closed it with a frame that says so', async () => {
    const { say } = copy()
    const realtime = {
      request_headers: headerMap(
        { ':method': 'GET', ':path': '/v1/proxy/openai/realtime?model=m' },
        false,
      ),
    }
    for (const message of [
      realtime,
      responseHeaders(101),
      responseBody(Buffer.from([0x88, 0x02, 0x03, 0xe8]), false),
    ])
      say(message)
    await eventually(() => expect(activity.openStreams).toBe(1))
    log(claims(), { status: 101, flags: { upstream_connection_termination: true } })
    await eventually(() =>
      expect(observations()).toMatchObject([{ status: 101, gap: null, response_complete: true }]),
    )
  })

  test('that broke is not', async () => {
    const { say } = copy()
    for (const message of opening) say(message)
    await eventually(() => expect(activity.openStreams).toBe(1))
    log(claims(), { status: 101, flags: { upstream_connection_termination: true } })
    await eventually(() =>
      expect(observations()).toMatchObject([
        { status: 101, gap: 'call_ended_early', response_complete: false },
      ]),
    )
  })
})

test('bytes that are no message end their stream only', async () => {
  const stream = client.makeBidiStreamRequest(
    PROCESS,
    (bytes: Buffer) => bytes,
    (bytes: Buffer) => bytes,
  )
  streams.push(stream)
  stream.on('error', () => {}).resume()
  stream.write(Buffer.from([0x12, 0xff, 0xff, 0xff, 0xff, 0x7f]))
  await eventually(() => expect(errors).toHaveLength(1))
  const { say, released } = copy()
  for (const message of wholeCall) say(message)
  await eventually(() => expect(released()).toBe(true))
  expect(observations()).toHaveLength(1)
})

describe('a checkpoint', () => {
  const event = (fields: object) =>
    `data: ${JSON.stringify({ id: 'c', model: 'gpt-4o-2024-08-06', ...fields })}\n\n`

  test('holds what was seen so far of a call that goes on, and the whole replaces it', async () => {
    const { say } = copy()
    for (const message of [
      requestHeaders(),
      requestBody('{"model":"gpt-4o"}', true),
      responseHeaders(200, false, 'text/event-stream'),
    ])
      say(message)
    say(
      responseBody(
        event({
          choices: [{ delta: { content: 'hello' } }],
          usage: { prompt_tokens: 12, completion_tokens: 1, total_tokens: 13 },
        }),
        false,
      ),
    )
    await eventually(() => expect(checkpoints()).toHaveLength(1))
    expect(checkpoints()[0]).toMatchObject({
      final: false,
      gap: 'stream_lost',
      input_tokens: 12,
      usage_source: 'partial',
      response_complete: false,
    })
    expect(observations()).toEqual([])
    say(
      responseBody(
        `${event({ choices: [], usage: { prompt_tokens: 12, completion_tokens: 3, total_tokens: 15 } })}data: [DONE]\n\n`,
        true,
      ),
    )
    await eventually(() => expect(observations()).toHaveLength(1))
    expect(observations()[0]).toMatchObject({
      gap: null,
      output_tokens: 3,
      usage_source: 'provider',
    })
    expect(observations()[0]?.version).toBeGreaterThan(checkpoints()[0]?.version ?? 0)
  })

  test('is written again only when there is news: a long answer of one kind leaves one row', async () => {
    const { say } = copy()
    for (const message of [
      requestHeaders(),
      requestBody('{"model":"gpt-4o"}', true),
      responseHeaders(200, false, 'text/event-stream'),
    ])
      say(message)
    for (let piece = 0; piece < 20; piece++)
      say(responseBody(event({ choices: [{ delta: { content: 'x'.repeat(20_000) } }] }), false))
    await eventually(() => expect(checkpoints()).toHaveLength(1))
    say(responseBody('data: [DONE]\n\n', true))
    await eventually(() => expect(observations()).toHaveLength(1))
    expect(checkpoints()).toHaveLength(1)
  })

  test('names what is attached to prompt and answer; its bytes are written once, at the end', async () => {
    const { say } = copy(claims({ ...call, capture: { redact: false, promptHashMode: 'sha256' } }))
    const [image, sound] = [Buffer.from('an image'), Buffer.from('a sound')]
    const content = [
      {
        type: 'image_url',
        image_url: { url: `data:image/png;base64,${image.toString('base64')}` },
      },
    ]
    const spoken = (data: string) =>
      responseBody(event({ choices: [{ delta: { audio: { data } } }] }), false)
    for (const message of [
      requestHeaders(),
      requestBody(JSON.stringify({ model: 'gpt-4o', messages: [{ content }] }), true),
      responseHeaders(200, false, 'text/event-stream'),
      spoken(sound.toString('base64')),
      spoken(''),
    ])
      say(message)
    await eventually(() => expect(checkpoints()).toHaveLength(1))
    expect(lines.map(({ kind }) => kind)).toEqual(['document'])
    expect(JSON.stringify(lines)).not.toContain(sound.toString('base64'))
    say(responseBody('data: [DONE]\n\n', true))
    await eventually(() => expect(observations()).toHaveLength(1))
    const attachments = lines.flatMap((line) =>
      line.kind === 'attachment' ? [Buffer.from(line.base64, 'base64')] : [],
    )
    expect(attachments).toEqual([image, sound])
  })

  test('is not written for a call that ends at once', async () => {
    const { say } = copy()
    for (const message of wholeCall) say(message)
    await eventually(() => expect(observations()).toHaveLength(1))
    expect(checkpoints()).toEqual([])
  })
})

test('an answer that Envoy made in the provider’s place does not count as the provider’s, also when no log says how the call ended', async () => {
  const details = (text: string) => ({
    attributes: {
      'envoy.filters.http.ext_proc': { fields: { 'response.code_details': { stringValue: text } } },
    },
  })
  const { say } = copy()
  for (const message of [requestHeaders(), requestBody('{"model":"gpt-4o"}', true)]) say(message)
  say({
    ...responseHeaders(502),
    ...details('upstream_reset_before_response_started{connection_termination}'),
  })
  say(responseBody('{"error":{}}', true))
  await eventually(() => expect(observations()).toHaveLength(1))
  expect(observations()[0]).toMatchObject({
    status: 502,
    response_complete: false,
    gap: 'call_ended_early',
  })
  const other = copy(claims({ ...call, recordId: '019b76da-a800-7000-8000-000000000002' }))
  for (const message of [requestHeaders(), requestBody('{"model":"gpt-4o"}', true)])
    other.say(message)
  other.say({ ...responseHeaders(), ...details('via_upstream') })
  other.say(responseBody(answer, true))
  await eventually(() => expect(observations()).toHaveLength(2))
  expect(observations()[1]).toMatchObject({ status: 200, response_complete: true, gap: null })
})

test('durations are of the monotonic clock: a wall clock that is set in the middle of a call changes none', async () => {
  const { say } = copy()
  for (const message of wholeCall.slice(0, 3)) say(message)
  await eventually(() => expect(activity.openStreams).toBe(1))
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 3_600_000 })
  try {
    for (const message of wholeCall.slice(3)) say(message)
    await eventually(() => expect(observations()).toHaveLength(1))
  } finally {
    vi.useRealTimers()
  }
  expect(observations()[0]?.latency_ms).toBeLessThan(5_000)
  expect(observations()[0]?.latency_ms).toBeGreaterThanOrEqual(0)
})
