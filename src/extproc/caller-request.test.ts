import protobuf from 'protobufjs/minimal.js'
import { describe, expect, test } from 'vitest'
import { makeFlintKey } from '../identity/flint-key.ts'
import { SHIPPED_PROVIDERS } from '../providers/active-providers.ts'
import { createCallerRequestReader } from './caller-request.ts'

const readCallerRequest = createCallerRequestReader(SHIPPED_PROVIDERS)

/** `HttpHeaders` as Envoy encodes it. */
function headers(...list: ReadonlyArray<readonly [name: string, value: string]>): Uint8Array {
  const writer = protobuf.Writer.create().uint32(0x0a).fork()
  for (const [name, value] of list)
    writer
      .uint32(0x0a)
      .fork()
      .uint32(0x0a)
      .string(name)
      .uint32(0x1a)
      .bytes(Buffer.from(value, 'latin1'))
      .ldelim()
  return writer.ldelim().finish()
}
const read = (...list: ReadonlyArray<readonly [name: string, value: string]>) =>
  readCallerRequest(
    headers([':method', 'POST'], [':path', '/v1/proxy/openai/chat/completions'], ...list),
  )
const tag = (name: string, value: string) => [`x-flint-tag-${name}`, value] as const

describe('the keys of a request', () => {
  test('are found wherever they stand, and every header that held one is stripped', () => {
    const { keys, strip, repeated } = read(
      ['authorization', ' Bearer a '],
      ['x-provider-key', 'b'],
      ['x-api-key', 'c'],
      ['x-goog-api-key', 'd'],
      ['x-flint-key', 'e'],
      ['api-key', 'f'],
      ['content-type', 'application/json'],
    )
    const headersOfSdks = { 'x-api-key': 'c', 'x-goog-api-key': 'd', 'api-key': 'f' }
    expect(keys).toEqual({
      flintKey: 'e',
      authorization: 'Bearer a',
      providerKey: 'b',
      headers: headersOfSdks,
      queryKey: '',
      subprotocolKeys: [],
    })
    expect(strip).toEqual([
      ...['authorization', 'x-provider-key', 'x-api-key', 'x-goog-api-key', 'x-flint-key'],
      'api-key',
    ])
    expect(repeated).toBeNull()
  })

  test.each(['x-flint-key', 'authorization', 'x-provider-key', 'x-api-key', 'x-goog-api-key'])(
    'are refused by name when %s comes twice, also with the same value',
    (name) => {
      expect(read([name, 'a'], [name, 'a']).repeated).toBe(name)
      expect(read([name, ''], [name, 'a']).repeated).toBe(name)
    },
  )

  test('are refused when a Connection header names them', () => {
    expect(read(['connection', 'keep-alive, X-Provider-Key']).repeated).toBe('x-provider-key')
    expect(read(['connection', 'x-flint-key']).repeated).toBe('x-flint-key')
    expect(read(['connection', 'keep-alive, upgrade, te']).repeated).toBeNull()
  })

  test('are taken out of the query, once', () => {
    const path = (query: string) =>
      readCallerRequest(
        headers([':path', `/v1/proxy/gemini/v1beta/models/m:generateContent${query}`]),
      )
    expect(path('?alt=sse&key=AIza').keys.queryKey).toBe('AIza')
    expect(path('?alt=sse&key=AIza').pathWithoutKey).toBe(
      '/v1/proxy/gemini/v1beta/models/m:generateContent?alt=sse',
    )
    expect(path('?key=AIza').pathWithoutKey).toBe(
      '/v1/proxy/gemini/v1beta/models/m:generateContent',
    )
    expect(path('?alt=sse').pathWithoutKey).toBeNull()
    expect(path('?key=a&key=b').repeated).toBe('key')
  })
})

describe('a whole Flint key where it would reach a provider or a record', () => {
  const key = makeFlintKey()
  test.each([
    'cookie',
    'x-auth-token',
    'user-agent',
    'x-request-id',
    'x-flint-tag-team',
    'x-flint-request-id',
    'referer',
  ])('is found in %s', (name) => {
    expect(read([name, `a=${key}; b`]).misplaced).toBe(name)
    expect(read([name, 'a=flnt_live_short']).misplaced).toBeNull()
    expect(read([name, `${key}0`]).misplaced).toBeNull()
  })

  test('is found in the query, the path and a subprotocol, also encoded', () => {
    const at = (path: string) =>
      readCallerRequest(headers([':path', `/v1/proxy/openai/${path}`])).misplaced
    expect(at(`models?access_token=${key}`)).toBe('query')
    expect(at(`models?access_token=${key.replaceAll('_', '%5F')}`)).toBe('query')
    expect(at(`models?key=${key}`)).toBeNull()
    expect(at(`keys/${key}/x`)).toBe('path')
    expect(read(['sec-websocket-protocol', `realtime, token.${key}`]).misplaced).toBe(
      'sec-websocket-protocol',
    )
    expect(
      read(['sec-websocket-protocol', `realtime, openai-insecure-api-key.${key}`]).misplaced,
    ).toBeNull()
  })

  test('is taken out of a header that ends at a proxy, and is no fault there', () => {
    const request = read(['proxy-authorization', `Bearer ${key}`])
    expect(request).toMatchObject({ misplaced: null, strip: ['proxy-authorization'] })
  })
})

describe('what a caller claims', () => {
  test('is kept, and ours is stripped', () => {
    const request = read(
      ['x-flint-request-id', 'order-7'],
      tag('team', 'red'),
      ['x-flint-echo', '1'],
      ['x-flint-anything', 'else'],
      ['x-request-id', 'abc'],
      ['user-agent', 'OpenAI/JS'],
      ['traceparent', '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'],
      ['x-stainless-retry-count', '2'],
    )
    expect(request).toMatchObject({
      method: 'POST',
      claimedRequestId: 'order-7',
      tags: { team: 'red' },
      tagsDropped: 0,
      echo: true,
      callerRequestId: 'abc',
      userAgent: 'OpenAI/JS',
      traceId: '0af7651916cd43dd8448eb211c80319c',
      retryCount: 2,
      strip: ['x-flint-request-id', 'x-flint-tag-team', 'x-flint-echo', 'x-flint-anything'],
    })
  })

  test('is null when there is none, or when it is not what it should be', () => {
    const nothing = {
      claimedRequestId: null,
      callerRequestId: null,
      sessionId: null,
      traceId: null,
      userAgent: null,
      retryCount: null,
      echo: false,
      tags: {},
      strip: [],
      route: { provider: { name: 'openai' } },
    }
    expect(read()).toMatchObject(nothing)
    expect(
      read(
        ['x-flint-echo', 'true'],
        ['traceparent', '00-XYZ-1-01'],
        ['x-stainless-retry-count', '1e9'],
        ['user-agent', ''],
        ['x-request-id', ''],
      ),
    ).toMatchObject({ ...nothing, strip: ['x-flint-echo'] })
  })

  test('names the request by x-request-id, else by x-client-request-id', () => {
    expect(read(['x-client-request-id', 'b']).callerRequestId).toBe('b')
    expect(read(['x-client-request-id', 'b'], ['x-request-id', 'a']).callerRequestId).toBe('a')
    expect(read(['x-request-id', ''], ['x-client-request-id', 'b']).callerRequestId).toBe('b')
  })

  test.each(['x-claude-code-session-id', 'session-id', 'session_id', 'thread-id', 'x-session-id'])(
    'names the session by %s, and the header goes on',
    (name) => {
      const id = '019a9544-7ab1-73c1-837e-1fa681f4462b'
      expect(read([name, id])).toMatchObject({ sessionId: id, strip: [] })
      for (const text of ['', 'two words', 'a,b', 'ä', 'x'.repeat(257), 'a\u0000'])
        expect(read([name, text]).sessionId).toBeNull()
      expect(read([name, `sk-${'proj'}-${'aB3dE5gH'.repeat(5)}`]).sessionId).toBe(
        '[redacted:openai-key]',
      )
    },
  )

  test('names the session of the agent before that of its thread', () => {
    expect(read(['thread-id', 't'], ['session-id', 's']).sessionId).toBe('s')
    expect(read(['thread-id', 't'], ['session-id', 'no id']).sessionId).toBe('t')
    expect(read(['x-session', 's'], ['cookie', 'session-id=s']).sessionId).toBeNull()
  })

  test('never breaks a call: it is cut to its bound, or dropped and counted', () => {
    const long = 'x'.repeat(300)
    const { claimedRequestId, userAgent, callerRequestId, tags, tagsDropped, strip } = read(
      ['x-flint-request-id', long],
      ['user-agent', long],
      ['x-request-id', long],
      tag('long', 'x'.repeat(257)),
      tag('n'.repeat(300), 'v'),
      ...Array.from({ length: 20 }, (_, index) => tag(`t${index}`, 'x'.repeat(256))),
    )
    for (const claim of [claimedRequestId, userAgent, callerRequestId])
      expect(claim).toHaveLength(256)
    expect(Object.keys(tags)).toEqual(Array.from({ length: 16 }, (_, index) => `t${index}`))
    expect(tagsDropped).toBe(6)
    expect(strip).toHaveLength(23)
  })

  test.each(['constructor', '__proto__', 'prototype', 'hasOwnProperty', 'toString'])(
    'may be called %s like any other tag',
    (name) => {
      const { tags, keys } = read(tag(name, 'red'), [name, 'x'], ['x-provider-key', 'sk'])
      expect(Object.entries(tags)).toEqual([[name, 'red']])
      expect(JSON.parse(JSON.stringify(tags))).toHaveProperty([name], 'red')
      expect(keys.providerKey).toBe('sk')
      expect(Object.prototype).not.toHaveProperty('red')
    },
  )

  test('with letters of any language is kept readable', () => {
    const utf8 = (text: string) => Buffer.from(text).toString('latin1')
    expect(
      read(
        tag('city', utf8('Zürich')),
        ['x-flint-request-id', utf8('注文-7')],
        ['user-agent', 'caf\u00e9'],
      ),
    ).toMatchObject({
      tags: { city: 'Zürich' },
      claimedRequestId: '注文-7',
      userAgent: 'café',
    })
    // Cut between the halves of a character, text would be no text any more.
    expect(read(['x-flint-request-id', utf8(`x${'😀'.repeat(200)}`)]).claimedRequestId).toBe(
      `x${'😀'.repeat(127)}`,
    )
  })

  test('without a name is no tag', () => {
    expect(read(['x-flint-tag-', 'x'])).toMatchObject({ tags: {}, strip: ['x-flint-tag-'] })
  })
})
