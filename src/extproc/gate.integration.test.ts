import fs from 'node:fs'
import path from 'node:path'
import { Client, type ClientDuplexStream, credentials, Metadata } from '@grpc/grpc-js'
import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { PROCESSING_REQUEST, PROCESSING_RESPONSE } from '../../test/support/envoy-messages.ts'
import { PROVIDER_KEY } from '../../test/support/provider-key.ts'
import { temporaryDirectory } from '../../test/support/temporary-directory.ts'
import type { ErrorCode } from '../errors.ts'
import type { Evidence, IntentEvidence } from '../evidence/evidence.ts'
import type { Authenticator, KeyPrincipal } from '../identity/principal.ts'
import { DEFAULT_SETTINGS, type SettingsInForce } from '../identity/settings.ts'
import { createActiveProviders, SHIPPED_PROVIDERS } from '../providers/active-providers.ts'
import { definitionOf } from '../providers/registry.ts'
import type { EvidenceSpool } from '../spool/evidence-spool.ts'
import { SegmentSpool } from '../spool/segment-spool.ts'
import { createMetadataSeal } from './call-metadata.ts'
import { createGate, createGateCounters, type GateCounters } from './gate.ts'
import { createGrpcServer } from './grpc-server.ts'
import { createHopSeals } from './hop-seal.ts'
import { createUploadTickets } from './upload-ticket.ts'

const PROCESS = '/envoy.service.ext_proc.v3.ExternalProcessor/Process'

const BEDROCK_HOST = 'bedrock-runtime.eu-central-1.amazonaws.com'
const FLINT_KEY = 'flnt_live_proxyproxyproxyproxyproxyproxyproxyproxy001'
const READER_KEY = 'flnt_live_readerreaderreaderreaderreaderreaderread002'
const principals = new Map<string, KeyPrincipal>([
  [FLINT_KEY, { org: 'org_1', keyId: 'key_1', scopes: ['proxy'] }],
  [READER_KEY, { org: 'org_1', keyId: 'key_2', scopes: ['read'] }],
])
const holders = new Map([...principals.values()].map((principal) => [principal.keyId, principal]))
const tickets = createUploadTickets(Buffer.from('secret of a test'))
const seal = createMetadataSeal(Buffer.from('secret of a test'))

let directory: string
let client: Client
let server: ReturnType<typeof createGrpcServer>
let counters: GateCounters
let rows: IntentEvidence[]
let directoryGone = false
let errors: unknown[]
let noted: string[]
let settings: SettingsInForce
/** What the gate writes to; replaced where a test wants another. */
let spool: EvidenceSpool

beforeAll(async () => {
  directory = temporaryDirectory()
  const authenticator: Authenticator = {
    authenticate: (key) =>
      directoryGone
        ? { refused: 'unavailable', principal: null }
        : (principals.get(key) ?? { refused: 'unknown', principal: null }),
  }
  const failures = { note: (reason: string) => void noted.push(reason) }
  const settingsOf = () => settings
  counters = createGateCounters()
  const gate = createGate({
    providers: createActiveProviders([
      ...SHIPPED_PROVIDERS.all,
      { ...definitionOf('bedrock'), upstream: `https://${BEDROCK_HOST}`, profile: 'available' },
    ]),
    authenticator,
    holders: { holderOf: (keyId) => holders.get(keyId) ?? { refused: 'revoked', principal: null } },
    tickets,
    mesh: { organisationOf: () => null },
    settings: { settingsOf },
    failures,
    hopSeals: createHopSeals(Buffer.from('secret of a test')),
    seal,
    spool: { append: (row, done) => spool.append(row, done) },
    writer: 'i/gate',
    counters,
  })
  server = createGrpcServer({
    methods: { [PROCESS]: gate },
    onError: (error) => errors.push(error),
  })
  await new Promise<void>((resolve) => server.listen(path.join(directory, 'gate.sock'), resolve))
  client = new Client(`unix:${path.join(directory, 'gate.sock')}`, credentials.createInsecure())
})
afterAll(() => {
  client.close()
  server.close()
})
beforeEach(() => {
  rows = []
  errors = []
  noted = []
  settings = DEFAULT_SETTINGS
  Object.assign(counters, createGateCounters())
  spool = {
    append(row, done) {
      if (row.kind === 'intent') rows.push(row)
      done(null)
    },
  }
})
const streams: Array<ClientDuplexStream<Buffer, Buffer>> = []
afterEach(() => {
  for (const stream of streams.splice(0)) stream.cancel()
})

interface Reply {
  readonly status: number | null
  readonly error: { readonly code: string; readonly message: string } | null
  readonly set: Readonly<Record<string, string>>
  readonly remove: readonly string[]
  readonly metadata: Readonly<Record<string, string>>
}

/**
 * Opens a stream as Envoy does, sends one message and leaves it open; null when the gate ends it
 * without a message.
 */
function send(message: Buffer, metadata = new Metadata()): Promise<Reply | null> {
  const stream = client.makeBidiStreamRequest(
    PROCESS,
    (bytes: Buffer) => bytes,
    (bytes: Buffer) => bytes,
    metadata,
  )
  streams.push(stream)
  return new Promise((resolve) => {
    stream.once('data', (bytes: Buffer) => resolve(readReply(bytes)))
    stream.once('end', () => resolve(null))
    stream.once('error', () => resolve(null))
    stream.write(message)
  })
}

interface Mutation {
  readonly set_headers?: ReadonlyArray<{
    readonly header: { readonly key: string; readonly raw_value: string }
  }>
  readonly remove_headers?: readonly string[]
}

function readReply(bytes: Buffer): Reply {
  const reply = PROCESSING_RESPONSE.toObject(PROCESSING_RESPONSE.decode(bytes), {
    bytes: String,
    defaults: false,
  }) as {
    immediate_response?: { status: { code: number }; body: string }
    request_headers?: { response: { header_mutation?: Mutation } }
    dynamic_metadata?: {
      fields: Record<string, { structValue: { fields: Record<string, { stringValue: string }> } }>
    }
  }
  const text = (base64: string) => Buffer.from(base64, 'base64').toString('latin1')
  const mutation = reply.request_headers?.response.header_mutation
  const metadata = reply.dynamic_metadata?.fields['flint.audit']?.structValue.fields ?? {}
  return {
    status: reply.immediate_response?.status.code ?? null,
    error: reply.immediate_response
      ? (
          JSON.parse(text(reply.immediate_response.body)) as {
            error: { code: string; message: string }
          }
        ).error
      : null,
    set: Object.fromEntries(
      (mutation?.set_headers ?? []).map(({ header }) => [header.key, text(header.raw_value)]),
    ),
    remove: mutation?.remove_headers ?? [],
    metadata: Object.fromEntries(
      Object.entries(metadata).map(([name, value]) => [name, value.stringValue]),
    ),
  }
}

function call(
  headers: Readonly<Record<string, string>> | ReadonlyArray<readonly [string, string]>,
  target = '/v1/proxy/openai/chat/completions',
  metadata = new Metadata(),
): Promise<Reply | null> {
  const list = [
    [':method', 'POST'] as const,
    [':path', target] as const,
    ...(Array.isArray(headers) ? headers : Object.entries(headers)),
  ]
  const request = {
    request_headers: {
      headers: {
        headers: list.map(([key, value]) => ({ key, raw_value: Buffer.from(value, 'latin1') })),
      },
    },
  }
  return send(
    Buffer.from(PROCESSING_REQUEST.encode(PROCESSING_REQUEST.fromObject(request)).finish()),
    metadata,
  )
}
const keys = { authorization: `Bearer ${FLINT_KEY}`, 'x-provider-key': PROVIDER_KEY }

describe('what may not be kept is refused before anything is written', () => {
  test.each([
    [
      'a Flint key in another header',
      { ...keys, 'x-auth-token': READER_KEY },
      '/v1/proxy/openai/models',
      /Flint key stands in x-auth-token/,
    ],
    [
      'a Flint key in a tag',
      { ...keys, 'x-flint-tag-a': FLINT_KEY },
      '/v1/proxy/openai/models',
      /x-flint-tag-a/,
    ],
    [
      'a Flint key in the query',
      keys,
      `/v1/proxy/openai/models?access_token=${FLINT_KEY}`,
      /query/,
    ],
    ['a Flint key in the path', keys, `/v1/proxy/openai/models/${FLINT_KEY}`, /path/],
    [
      'two different Flint keys',
      { ...keys, 'x-api-key': READER_KEY },
      '/v1/proxy/openai/models',
      /two different Flint keys/,
    ],
    [
      'a path of more than 2,048 bytes',
      keys,
      `/v1/proxy/openai/${'x'.repeat(2_048)}`,
      /path is longer than 2048 bytes/,
    ],
  ])('%s', async (_what, headers, target, message) => {
    const reply = await call(headers, target)
    expect(reply).toMatchObject({
      status: 400,
      error: { code: 'invalid_request', message: expect.stringMatching(message) },
    })
    expect(JSON.stringify(reply)).not.toMatch(/flnt_live_\w{20}/)
    expect(rows).toEqual([])
  })

  test('a long query is no long path', async () => {
    expect(await call(keys, `/v1/proxy/openai/models?${'x'.repeat(10_000)}`)).toMatchObject({
      status: null,
    })
  })
})

describe('one key for a client with one place: <provider key>.<Flint key>', () => {
  const joined = (key: string) => `${key}.${FLINT_KEY}`
  const places: ReadonlyArray<(key: string) => Readonly<Record<string, string>>> = [
    (key) => ({ authorization: `Bearer ${joined(key)}` }),
    (key) => ({ 'x-api-key': joined(key) }),
    (key) => ({ 'x-goog-api-key': joined(key) }),
    (key) => ({ 'api-key': joined(key) }),
    (key) => ({ 'x-provider-key': joined(key) }),
    (key) => ({ 'sec-websocket-protocol': `a, openai-insecure-api-key.${joined(key)}, b` }),
    (key) => ({ ':path': `?alt=sse&key=${encodeURIComponent(joined(key))}` }),
    (key) => ({ 'x-flint-key': FLINT_KEY, authorization: `Bearer ${key}` }),
    (key) => ({ 'x-flint-key': FLINT_KEY, 'x-api-key': joined(key) }),
  ]
  const targets = [
    ['/v1/proxy/openai/v1/chat/completions', 'authorization'],
    ['/v1/proxy/anthropic/v1/messages', 'x-api-key'],
    ['/v1/proxy/gemini/v1beta/models/m:generateContent', 'x-goog-api-key'],
  ] as const
  /** Any text that a header can hold: keys of real providers have dots, dashes and underscores. */
  const providerKey = fc
    .array(
      fc.oneof(
        fc.constantFrom('sk-', 'eyJhbGciOi.', '.', '..', 'AQ.Ab', '_', 'flnt', '='),
        fc.string({
          minLength: 1,
          unit: fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code)),
        }),
      ),
      { minLength: 1, maxLength: 6 },
    )
    .map((parts) => parts.join('').replaceAll(',', ''))
    .filter((key) => key !== '' && !key.includes('flnt_') && !/^(ya29|AQ\.|sk-ant-oat)/.test(key))

  test('the provider gets exactly its key in its own place, and nothing of Flint’s, from any place', async () => {
    await fc.assert(
      fc.asyncProperty(
        providerKey,
        fc.constantFrom(...places),
        fc.constantFrom(...targets),
        async (key, place, [target, own]) => {
          rows = []
          const { ':path': query = '', ...headers } = place(key)
          const reply = await call(headers, target + query)
          expect(reply?.status).toBeNull()
          const upstream: Record<string, string> = {
            ':path': target + query,
            ...headers,
            ...reply?.set,
          }
          for (const name of reply?.remove ?? []) Reflect.deleteProperty(upstream, name)
          const { [own]: credential, 'sec-websocket-protocol': protocols, ...rest } = upstream
          expect(credential).toBe(own === 'authorization' ? `Bearer ${key}` : key)
          expect([undefined, 'a, b']).toContain(protocols)
          expect(rest).toEqual({ ':path': target + (query === '' ? '' : '?alt=sse') })
          expect(JSON.stringify(rows)).not.toContain('flnt_')
          expect(rows[0]?.key_hint).toBe(key.length < 12 ? null : `...${key.slice(-4)}`)
        },
      ),
      { numRuns: 300 },
    )
  })

  test.each([
    [
      'beside another provider key',
      { 'x-api-key': 'sk-other', authorization: `Bearer ${joined('sk-1')}` },
      /two different provider keys/,
    ],
    [
      'beside another joined key',
      { 'x-api-key': joined('sk-2'), authorization: `Bearer ${joined('sk-1')}` },
      /two different provider keys/,
    ],
    [
      'with another separator',
      { 'x-flint-key': FLINT_KEY, authorization: `Bearer sk-1:${FLINT_KEY}` },
      /authorization holds a Flint key in the wrong form/,
    ],
    [
      'in x-flint-key',
      { 'x-flint-key': joined('sk-1'), 'x-api-key': FLINT_KEY },
      /x-flint-key does not hold a Flint key alone/,
    ],
  ])('%s is refused, and says why', async (_, headers, message) => {
    const reply = await call(headers)
    expect(reply).toMatchObject({
      status: 400,
      error: { code: 'invalid_request', message: expect.stringMatching(message) },
      set: {},
    })
    expect(JSON.stringify([reply, rows])).not.toMatch(/flnt_live_\w{20}|sk-/)
  })

  test('with another Flint key beside it is refused without a record', async () => {
    const headers = { 'x-flint-key': READER_KEY, authorization: `Bearer ${joined('sk-1')}` }
    expect(await call(headers)).toMatchObject({ status: 400, error: { code: 'invalid_request' } })
    expect(rows).toEqual([])
  })

  test('leaves the kind of the credential and the session of the agent in the intent', async () => {
    const session = { 'x-claude-code-session-id': '019a9544-7ab1-73c1' }
    const claude = '/v1/proxy/anthropic/messages'
    await call({ authorization: `Bearer ${joined('sk-ant-oat01-0123456789')}`, ...session }, claude)
    await call({ 'x-api-key': joined('sk-ant-api03-0123456789') }, claude)
    await call({ 'x-api-key': joined('0123456789abcdef') }, claude)
    await call({ 'x-api-key': FLINT_KEY, ...session }, claude)
    expect(
      rows.map(({ credential, session_id, error_code }) => [credential, session_id, error_code]),
    ).toEqual([
      ['subscription', '019a9544-7ab1-73c1', null],
      ['api_key', null, null],
      [null, null, null],
      [null, '019a9544-7ab1-73c1', 'missing_provider_key'],
    ])
  })

  test('whose provider key is empty says that it is missing', async () => {
    expect(await call({ authorization: `Bearer .${FLINT_KEY}` })).toMatchObject({
      status: 400,
      error: { code: 'missing_provider_key' },
    })
  })

  test('whose Flint key is cut short is 401, and goes nowhere', async () => {
    expect(await call({ authorization: `Bearer sk-1.${FLINT_KEY.slice(0, -1)}` })).toMatchObject({
      status: 401,
      error: { code: 'invalid_api_key' },
      set: {},
    })
  })
})

describe('a request to Bedrock that is signed', () => {
  const converse = '/v1/proxy/bedrock/model/amazon.nova-lite-v1%3A0/converse'
  const keyId = `AK${'IA'}ABCDEFGHIJKLMNOP`
  const signed = {
    authorization: `AWS4-HMAC-SHA256 Credential=${keyId}/20261130/eu-central-1/bedrock/aws4_request, SignedHeaders=host;x-amz-date, Signature=0123456789abcdef`,
    'x-amz-date': '20261130T000000Z',
    'x-amz-security-token': 'token',
    'x-flint-key': FLINT_KEY,
  }

  test.each([BEDROCK_HOST, `${BEDROCK_HOST}:443`, BEDROCK_HOST.toUpperCase()])(
    'for %s passes with its signature untouched',
    async (authority) => {
      const reply = await call({ ...signed, ':authority': authority }, converse)
      expect(reply).toMatchObject({ status: null, set: {}, remove: ['x-flint-key'] })
      expect(rows).toMatchObject([{ credential: 'signature', key_hint: '...MNOP' }])
    },
  )

  test.each(['127.0.0.1:8080', 'flint.example.com', `${BEDROCK_HOST}.example.com`, ''])(
    'for the host %s is refused, and says what would work',
    async (authority) => {
      const reply = await call({ ...signed, ':authority': authority }, converse)
      expect(reply).toMatchObject({ status: 400, error: { code: 'invalid_request' } })
      expect(reply?.error?.message).toContain('use an API key of the provider')
      expect(reply?.error?.message).toContain(`sign for ${BEDROCK_HOST}`)
      expect(rows).toMatchObject([{ credential: null, error_code: 'invalid_request' }])
    },
  )

  test.each([':authority', 'x-flint-key'])(
    'with a signature over %s, which cannot reach Bedrock, is refused',
    async (name) => {
      const authorization = signed.authorization.replace('=host;', `=${name};host;`)
      const headers = { ...signed, authorization, ':authority': BEDROCK_HOST }
      const reply = await call(headers, converse)
      expect(reply).toMatchObject({ status: 400, error: { code: 'invalid_request' } })
      expect(reply?.error?.message).toContain(`covers ${name}`)
    },
  )

  test('and brings a provider key as well goes by the key', async () => {
    const reply = await call({ ...signed, 'x-provider-key': PROVIDER_KEY }, converse)
    expect(reply?.set).toEqual({ authorization: `Bearer ${PROVIDER_KEY}` })
  })

  test('has no key at any other provider', async () => {
    const reply = await call({ ...signed, ':authority': 'api.openai.com' })
    expect(reply?.error?.code).toBe('missing_provider_key')
  })
})

test('keys in a subprotocol are read and taken out', async () => {
  const offered = `realtime, openai-insecure-api-key.${FLINT_KEY}, openai-insecure-api-key.${PROVIDER_KEY}`
  expect(
    await call({ 'sec-websocket-protocol': offered }, '/v1/proxy/openai/realtime'),
  ).toMatchObject({
    set: { authorization: `Bearer ${PROVIDER_KEY}`, 'sec-websocket-protocol': 'realtime' },
  })
  const alone = {
    'sec-websocket-protocol': `openai-insecure-api-key.${PROVIDER_KEY}`,
    authorization: `Bearer ${FLINT_KEY}`,
  }
  expect((await call(alone, '/v1/proxy/openai/realtime'))?.remove).toContain(
    'sec-websocket-protocol',
  )
})

describe('a resumable upload', () => {
  const first = '/v1/proxy/gemini/upload/v1beta/files'
  test('goes on at an address whose ticket stands for the Flint key, without a key of the provider', async () => {
    const ticket = (await call(keys, first))?.metadata['upload'] ?? ''
    expect(ticket).not.toBe('')
    const reply = await call({}, `${first}?upload_id=7&flint_upload=${ticket}`)
    expect(reply).toMatchObject({ status: null, set: { ':path': `${first}?upload_id=7` } })
    expect(reply?.set).not.toHaveProperty('x-goog-api-key')
    expect(rows[1]).toMatchObject({
      org: 'org_1',
      key_id: 'key_1',
      key_hint: '...abcd',
      endpoint: '/upload/v1beta/files',
    })
  })

  test('has no ticket elsewhere, and a ticket opens nothing else', async () => {
    expect((await call(keys, '/v1/proxy/gemini/v1beta/files'))?.metadata).not.toHaveProperty(
      'upload',
    )
    const ticket = tickets.issue({ keyId: 'key_1', keyHint: null })
    for (const path of ['/v1/proxy/gemini/v1beta/files', '/v1/proxy/openai/upload/v1beta/files'])
      expect(await call({}, `${path}?flint_upload=${ticket}`)).toMatchObject({ status: 401 })
    expect(await call({}, `${first}?flint_upload=${ticket}x`)).toMatchObject({ status: 401 })
  })

  test('ends with its key: a ticket of a revoked key, or of one without the scope, opens nothing', async () => {
    const of = (keyId: string) =>
      call({}, `${first}?flint_upload=${tickets.issue({ keyId, keyHint: null })}`)
    expect(await of('key_gone')).toMatchObject({ status: 401 })
    expect(await of('key_2')).toMatchObject({ status: 403 })
  })
})

test('an intent names the start of Envoy that carries the call, and none where Envoy names none', async () => {
  const metadata = new Metadata()
  metadata.set('x-flint-envoy-run', 'run-1')
  await call(keys, undefined, metadata)
  await call(keys)
  metadata.set('x-flint-envoy-run', '')
  await call(keys, undefined, metadata)
  expect(rows.map((row) => row.envoy_run)).toEqual(['run-1', null, null])
})

describe('a call with both keys', () => {
  test('goes on with the provider’s key alone, and with the gate’s claims about it', async () => {
    const reply = await call({
      ...keys,
      'x-flint-tag-team': 'red',
      'content-type': 'application/json',
    })
    expect(reply).toMatchObject({
      status: null,
      error: null,
      set: { authorization: `Bearer ${PROVIDER_KEY}` },
      remove: ['x-provider-key', 'x-flint-tag-team'],
    })
    const claims = seal.open(new Map(Object.entries(reply?.metadata ?? {})))
    expect(claims).toEqual({
      recordId: rows[0]?.record_id,
      org: 'org_1',
      keyId: 'key_1',
      keyHint: '...abcd',
      provider: 'openai',
      capture: null,
    })
    expect(reply?.metadata).not.toHaveProperty('echo')
    expect(rows).toMatchObject([
      {
        kind: 'intent',
        org: 'org_1',
        key_id: 'key_1',
        key_hint: '...abcd',
        method: 'POST',
        endpoint: '/v1/chat/completions',
        error_code: null,
        status: null,
        tags: { team: 'red' },
      },
    ])
    expect(counters.forwarded).toBe(1)
  })

  test('leaves no trace of either key in the row', async () => {
    await call(
      { ...keys, 'x-api-key': FLINT_KEY },
      `/v1/proxy/gemini/v1beta/models/m:generateContent?key=${FLINT_KEY}&alt=sse`,
    )
    expect(JSON.stringify(rows)).not.toMatch(/sk-provider|flnt_live/)
    expect(rows[0]?.endpoint).toBe('/v1beta/models/m:generateContent')
  })

  test('keeps its query without the key, and the answer’s id only for who asks', async () => {
    const reply = await call(
      { 'x-goog-api-key': FLINT_KEY, 'x-flint-echo': '1' },
      '/v1/proxy/gemini/v1beta/models/m:generateContent?alt=sse&key=AIzaSyProviderKey',
    )
    expect(reply?.set).toEqual({
      'x-goog-api-key': 'AIzaSyProviderKey',
      ':path': '/v1/proxy/gemini/v1beta/models/m:generateContent?alt=sse',
    })
    expect(reply?.remove).toEqual(['x-flint-echo'])
    expect(reply?.metadata['echo']).toBe(rows[0]?.record_id)
  })
})

describe('a call that is refused', () => {
  const cases: ReadonlyArray<
    readonly [
      what: string,
      headers: Readonly<Record<string, string>> | ReadonlyArray<readonly [string, string]>,
      target: string,
      status: number,
      code: ErrorCode,
      row: boolean,
    ]
  > = [
    ['without any key', {}, '/v1/proxy/openai/x', 401, 'invalid_api_key', false],
    [
      'with an unknown Flint key',
      { ...keys, authorization: 'Bearer flnt_live_unknown' },
      '/v1/proxy/openai/x',
      401,
      'invalid_api_key',
      false,
    ],
    [
      'with a provider’s key alone',
      { authorization: `Bearer ${PROVIDER_KEY}` },
      '/v1/proxy/openai/x',
      401,
      'invalid_api_key',
      false,
    ],
    [
      'of no provider, before its keys are looked at',
      {},
      '/v1/proxy/azure/x',
      400,
      'unknown_provider',
      false,
    ],
    [
      'with a key twice',
      [
        ['x-provider-key', 'a'],
        ['x-provider-key', 'b'],
        ['authorization', `Bearer ${FLINT_KEY}`],
      ],
      '/v1/proxy/openai/x',
      400,
      'invalid_request',
      true,
    ],
    [
      'with two keys in one',
      { ...keys, 'x-provider-key': 'sk-1, sk-2' },
      '/v1/proxy/openai/x',
      400,
      'invalid_request',
      true,
    ],
    [
      'with two Authorization headers, of which neither is the caller’s word',
      [
        ['authorization', `Bearer ${FLINT_KEY}`],
        ['authorization', `Bearer ${PROVIDER_KEY}`],
      ],
      '/v1/proxy/openai/x',
      400,
      'invalid_request',
      false,
    ],
    [
      'with a Connection header that names a key',
      { ...keys, connection: 'x-provider-key' },
      '/v1/proxy/openai/x',
      400,
      'invalid_request',
      true,
    ],
    [
      'with a key that may not call, before its provider key is missed',
      { authorization: `Bearer ${READER_KEY}` },
      '/v1/proxy/openai/x',
      403,
      'forbidden',
      true,
    ],
    ['on an ambiguous path', keys, '/v1/proxy/openai/..%2f..%2fx', 400, 'invalid_request', true],
    [
      'without the provider’s key',
      { authorization: `Bearer ${FLINT_KEY}` },
      '/v1/proxy/openai/x',
      400,
      'missing_provider_key',
      true,
    ],
    [
      'with the Flint key in the provider key’s place',
      { ...keys, 'x-provider-key': FLINT_KEY },
      '/v1/proxy/openai/x',
      400,
      'missing_provider_key',
      true,
    ],
  ]

  test('while there is no directory to look in: 503, and nothing said against its key', async () => {
    directoryGone = true
    try {
      expect(await call(keys, '/v1/proxy/openai/x')).toMatchObject({
        status: 503,
        error: { code: 'audit_unavailable' },
      })
      expect(rows).toEqual([])
    } finally {
      directoryGone = false
    }
  })

  test.each(cases)('%s', async (_, headers, target, status, code, row) => {
    const reply = await call(headers, target)
    expect(reply).toMatchObject({
      status,
      error: { code, type: 'flint_error' },
      set: {},
      metadata: {},
    })
    expect(reply?.error?.message).not.toMatch(/flnt_live_[a-z]|sk-/)
    // A record only where an organisation is known to keep it for.
    expect(rows).toMatchObject(row ? [{ error_code: code, status, key_hint: null }] : [])
    expect(counters.refused[code]).toBe(1)
    expect(counters.forwarded).toBe(0)
  })
})

describe('no call goes on without a trace', () => {
  test('the gate does not answer before the intent is confirmed', async () => {
    const confirm: Array<(error: Error | null) => void> = []
    spool = { append: (_row, done) => confirm.push(done) }
    let answered = false
    const pending = call(keys).finally(() => {
      answered = true
    })
    // A later caller, refused without a row, has its answer while the first one waits.
    while (confirm.length === 0) expect(await call({})).toMatchObject({ status: 401 })
    expect(await call({})).toMatchObject({ status: 401 })
    expect(answered).toBe(false)
    confirm[0]?.(null)
    expect(await pending).toMatchObject({ set: { authorization: `Bearer ${PROVIDER_KEY}` } })
  })

  test.each([
    ['a call', keys],
    ['a refusal that would leave a record', { authorization: `Bearer ${FLINT_KEY}` }],
  ])('%s is 503 audit_unavailable when the spool cannot take its row', async (_, headers) => {
    const full = new SegmentSpool({ directory: path.join(directory, 'full'), maxBytes: 10 })
    spool = full
    expect(await call(headers)).toMatchObject({
      status: 503,
      error: { code: 'audit_unavailable' },
      set: {},
      metadata: {},
    })
    expect(counters).toMatchObject({ forwarded: 0, refused: { audit_unavailable: 1 } })
    full.close()
    expect(fs.readdirSync(path.join(directory, 'full'))).toEqual([])
  })

  test.each(['write', 'fsync'] as const)(
    'many calls at once each have exactly one row on disk (%s)',
    async (durability) => {
      const own = path.join(directory, durability)
      const disk = new SegmentSpool({ directory: own, durability })
      spool = disk
      const replies = await Promise.all(Array.from({ length: 300 }, () => call(keys)))
      disk.close()
      const stored = fs
        .readdirSync(own)
        .flatMap((name) => fs.readFileSync(path.join(own, name), 'utf8').split('\n'))
        .filter((line) => line !== '')
      const ids = stored.map((line) => (JSON.parse(line) as Evidence).record_id).sort()
      expect(ids).toEqual(replies.map((reply) => reply?.metadata['record_id']).sort())
      expect(new Set(ids).size).toBe(300)
    },
  )
})

describe('what is no call', () => {
  test('another message than request headers ends the stream without a message and without a row', async () => {
    const body = Buffer.from(
      PROCESSING_REQUEST.encode(
        PROCESSING_REQUEST.fromObject({
          request_body: { body: Buffer.from('x'), end_of_stream: true },
        }),
      ).finish(),
    )
    for (const message of [body, Buffer.alloc(0)]) expect(await send(message)).toBeNull()
    expect(rows).toEqual([])
  })

  test('bytes that are no message end their stream only', async () => {
    expect(await send(Buffer.from([0x12, 0xff, 0xff, 0xff, 0xff, 0x7f]))).toBeNull()
    expect(errors).toHaveLength(1)
    expect(await call(keys)).toMatchObject({ status: null })
  })

  test('an unknown method is said to be unimplemented', async () => {
    const stream = client.makeBidiStreamRequest(
      '/x.Y/Z',
      (bytes: Buffer) => bytes,
      (bytes: Buffer) => bytes,
    )
    const error = await new Promise<{ code?: number }>((resolve) =>
      stream.on('error', resolve).resume(),
    )
    expect(error.code).toBe(12)
  })
})
