import { describe, expect, test } from 'vitest'
import { definitionOf } from '../providers/registry.ts'
import {
  type KeyPlaces,
  keyHint,
  keysIn,
  malformedKey,
  withoutParameter,
  withoutSubprotocolKeys,
} from './credentials.ts'

const flint = 'flnt_live_0000000000000000000000000000000000000000000'
const other = 'flnt_live_1111111111111111111111111111111111111111111'
interface Places extends Partial<KeyPlaces> {
  readonly xApiKey?: string
  readonly xGoogApiKey?: string
}
const at = ({ xApiKey = '', xGoogApiKey = '', ...places }: Places): KeyPlaces => ({
  flintKey: '',
  providerKey: '',
  authorization: '',
  headers: { 'x-api-key': xApiKey, 'x-goog-api-key': xGoogApiKey },
  queryKey: '',
  subprotocolKeys: [],
  ...places,
})

const flintKeyOf = (places: KeyPlaces) => keysIn(places).flint
const providerKeyOf = (places: KeyPlaces) => keysIn(places).provider
const differentFlintKeys = (places: KeyPlaces) => keysIn(places).differentFlintKeys
const strayFlintKey = (places: KeyPlaces) => keysIn(places).stray
const disagreesWithJoinedKey = (places: KeyPlaces) => keysIn(places).disagrees

describe('the Flint key', () => {
  test.each([
    ['x-flint-key, before everything else', { flintKey: flint, authorization: 'Bearer sk-1' }],
    ['x-flint-key beside another of the same', { flintKey: flint, xApiKey: flint }],
    ['a joined key in Authorization', { authorization: `Bearer sk-1.${flint}` }],
    ['a joined key in x-api-key', { xApiKey: `sk-ant-1.${flint}` }],
    ['a joined key in x-goog-api-key', { xGoogApiKey: `AIza.${flint}` }],
    ['a joined key in ?key=', { queryKey: `AIza.${flint}` }],
    ['a joined key in a subprotocol', { subprotocolKeys: [`sk-1.${flint}`] }],
    ['a joined key in x-provider-key', { providerKey: `sk-1.${flint}` }],
    ['a joined key whose provider key is a JWT', { authorization: `Bearer eyJ.eyJ.sig.${flint}` }],
    ['a joined key whose provider key is empty', { authorization: `Bearer .${flint}` }],
    ['Authorization: Bearer', { authorization: `Bearer ${flint}` }],
    ['authorization: bearer, spaced', { authorization: `bearer   ${flint} ` }],
    ['x-api-key', { xApiKey: flint, authorization: 'Bearer sk-provider' }],
    ['x-goog-api-key', { xGoogApiKey: flint }],
    ['?key=', { queryKey: flint }],
    [
      'Authorization before the others',
      { authorization: `Bearer ${flint}`, xApiKey: other, xGoogApiKey: other, queryKey: other },
    ],
    ['x-api-key before the rest', { xApiKey: flint, xGoogApiKey: other, queryKey: other }],
  ])('is found in %s', (_, places) => expect(flintKeyOf(at(places))).toBe(flint))

  test.each([
    ['x-provider-key', { providerKey: flint }],
    ['Basic credentials', { authorization: `Basic ${flint}` }],
    ['Authorization without Bearer', { authorization: flint }],
    [
      'a key of somebody else',
      { authorization: 'Bearer sk-123', xApiKey: 'sk-ant', queryKey: 'AIza' },
    ],
    ['the middle of a value', { xApiKey: `x${flint}` }],
  ])('is not found in %s', (_, places) => expect(flintKeyOf(at(places))).toBe(''))
})

describe('the provider’s key', () => {
  test.each([
    [
      'x-provider-key, before everything else',
      {
        providerKey: 'sk-1',
        xApiKey: 'sk-2',
        xGoogApiKey: 'sk-3',
        queryKey: 'sk-4',
        authorization: 'Bearer sk-5',
      },
      'sk-1',
    ],
    [
      'x-api-key',
      { xApiKey: 'sk-2', xGoogApiKey: 'sk-3', queryKey: 'sk-4', authorization: 'Bearer sk-5' },
      'sk-2',
    ],
    [
      'x-goog-api-key',
      { xGoogApiKey: 'sk-3', queryKey: 'sk-4', authorization: 'Bearer sk-5' },
      'sk-3',
    ],
    ['?key=', { queryKey: 'sk-4', authorization: 'Bearer sk-5' }, 'sk-4'],
    ['Authorization: Bearer', { authorization: 'Bearer sk-5', xApiKey: flint }, 'sk-5'],
    [
      'the place beside the Flint key',
      { authorization: `Bearer ${flint}`, xGoogApiKey: 'AIza' },
      'AIza',
    ],
  ])('is taken from %s', (_, places, key) => expect(providerKeyOf(at(places))).toBe(key))

  test.each([
    ['there is none', {}],
    [
      'every place holds a Flint key',
      { authorization: `Bearer ${flint}`, xApiKey: flint, xGoogApiKey: other, queryKey: flint },
    ],
    [
      'x-provider-key holds a Flint key: nothing else is guessed then',
      { providerKey: flint, xApiKey: 'sk-2' },
    ],
    ['Authorization is not Bearer', { authorization: 'Basic c2stMQ==' }],
  ])('is missing when %s: a Flint key never goes to a provider', (_, places) =>
    expect(providerKeyOf(at(places))).toBe(''),
  )
})

describe('a joined key', () => {
  test.each([
    ['Authorization', { authorization: `Bearer sk-1.${flint}` }, 'sk-1'],
    ['x-api-key', { xApiKey: `sk-ant-1.${flint}` }, 'sk-ant-1'],
    ['a subprotocol', { subprotocolKeys: [`sk-1.${flint}`] }, 'sk-1'],
    ['x-provider-key', { providerKey: `sk-1.${flint}` }, 'sk-1'],
    ['a place, of a provider key with dots', { xGoogApiKey: `AQ.Ab8.x.${flint}` }, 'AQ.Ab8.x'],
    ['a place, of an empty provider key', { authorization: `Bearer .${flint}` }, ''],
  ])('gives the provider its own part alone, in %s', (_, places, key) => {
    expect(providerKeyOf(at(places))).toBe(key)
    expect(strayFlintKey(at(places))).toBeNull()
  })

  test('beside another provider key is a guess that is not made', () => {
    const joined = { authorization: `Bearer sk-1.${flint}` }
    expect(disagreesWithJoinedKey(at({ ...joined, xApiKey: 'sk-2' }))).toBe(true)
    expect(disagreesWithJoinedKey(at({ ...joined, providerKey: 'sk-2' }))).toBe(true)
    expect(disagreesWithJoinedKey(at({ ...joined, xApiKey: `sk-2.${flint}` }))).toBe(true)
    expect(disagreesWithJoinedKey(at({ ...joined, xApiKey: `sk-1.${flint}` }))).toBe(false)
    expect(disagreesWithJoinedKey(at({ ...joined, providerKey: 'sk-1' }))).toBe(false)
    expect(disagreesWithJoinedKey(at({ ...joined, flintKey: flint, xApiKey: flint }))).toBe(false)
    expect(disagreesWithJoinedKey(at({ flintKey: flint, xApiKey: 'a', queryKey: 'b' }))).toBe(false)
  })

  test.each([
    ['without its dot', { xApiKey: `sk-1${flint}` }, 'x-api-key'],
    ['with another separator', { authorization: `Bearer sk-1:${flint}` }, 'authorization'],
    ['behind part of another', { providerKey: `sk-flnt_x.${flint}` }, 'x-provider-key'],
    [
      'in x-flint-key, where a Flint key stands alone',
      { flintKey: `sk-1.${flint}` },
      'x-flint-key',
    ],
    [
      'in a subprotocol, without its dot',
      { subprotocolKeys: [`a${flint}`] },
      'sec-websocket-protocol',
    ],
  ])('%s is named, and no part of it is a provider key', (_, places, place) => {
    expect(strayFlintKey(at(places))).toBe(place)
    expect(providerKeyOf(at({ ...places, flintKey: '' }))).toBe('')
  })

  test('with the Flint key first is an unknown Flint key, which is refused', () => {
    const places = at({ authorization: `Bearer ${flint}.sk-1` })
    expect(flintKeyOf(places)).toBe(`${flint}.sk-1`)
    expect(providerKeyOf(places)).toBe('')
  })
})

test('api-key is a place for either key, and the last one for a provider’s', () => {
  const azure = (key: string) => ({ headers: { 'api-key': key } })
  expect(flintKeyOf(at(azure(flint)))).toBe(flint)
  expect(flintKeyOf(at(azure(`sk-1.${flint}`)))).toBe(flint)
  expect(providerKeyOf(at(azure(`sk-1.${flint}`)))).toBe('sk-1')
  expect(providerKeyOf(at({ ...azure('gateway'), authorization: 'Bearer sk-1' }))).toBe('sk-1')
  expect(providerKeyOf(at({ ...azure('sk-1'), flintKey: flint }))).toBe('sk-1')
})

describe('the credential upstream stands in the provider’s own place', () => {
  test.each([
    ['openai', '/v1/chat/completions', 'sk-1', ['authorization', 'Bearer sk-1']],
    ['anthropic', '/v1/messages', 'sk-ant-api03-1', ['x-api-key', 'sk-ant-api03-1']],
    ['anthropic', '/v1/messages', 'sk-ant-oat01-1', ['authorization', 'Bearer sk-ant-oat01-1']],
    ['anthropic', '/v1/chat/completions', 'sk-ant-1', ['authorization', 'Bearer sk-ant-1']],
    ['anthropic', '/v1/models', 'sk-ant-1', ['x-api-key', 'sk-ant-1']],
    [
      'gemini',
      '/v1beta/models/gemini-2.5-flash:generateContent',
      'AIza1',
      ['x-goog-api-key', 'AIza1'],
    ],
    [
      'gemini',
      '/v1beta/models/gemini-2.5-flash:generateContent',
      'ya29.a0',
      ['authorization', 'Bearer ya29.a0'],
    ],
    ['gemini', '/v1beta/openai/chat/completions', 'AIza1', ['authorization', 'Bearer AIza1']],
    ['gemini', '/v1/openai/models', 'AIza1', ['authorization', 'Bearer AIza1']],
    ['gemini', '/v1beta/models/openai/x', 'AIza1', ['x-goog-api-key', 'AIza1']],
    ['gemini', '/upload/v1beta/files', 'AIza1', ['x-goog-api-key', 'AIza1']],
  ] as const)('%s %s %s', (provider, endpoint, key, header) =>
    expect(definitionOf(provider).credential(key, endpoint)).toEqual(header),
  )
})

describe('what a key is by its shape', () => {
  const jwt = (claims: unknown) =>
    `eyJhbGciOiJSUzI1NiJ9.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.c2ln`
  const plan = {
    'https://api.openai.com/auth': { chatgpt_account_id: 'a', chatgpt_plan_type: 'pro' },
  }
  test.each([
    ['openai', 'sk-proj-0123456789', 'api_key'],
    ['openai', 'ek_0123456789', 'api_key'],
    ['openai', jwt(plan), 'subscription'],
    ['openai', jwt({ iss: 'https://auth.openai.com' }), 'oauth'],
    ['openai', jwt({ 'https://api.openai.com/auth': null }), 'oauth'],
    ['openai', jwt({ ...plan, filler: 'x'.repeat(8_192) }), null],
    ['openai', 'eyJhbGciOiJSUzI1NiJ9.not json.c2ln', null],
    ['openai', 'eyJhbGciOiJSUzI1NiJ9', null],
    ['openai', jwt(7), null],
    ['openai', '0123456789abcdef', null],
    ['anthropic', 'sk-ant-api03-0123456789', 'api_key'],
    ['anthropic', 'sk-ant-oat01-0123456789', 'subscription'],
    ['anthropic', 'sk-0123456789', null],
    ['gemini', 'AIza0123456789', 'api_key'],
    ['gemini', 'AQ.Ab0123456789', 'api_key'],
    ['gemini', 'ya29.a0123456789', 'oauth'],
    ['gemini', 'auth_tokens/0123456789', null],
  ] as const)('%s %s: %s', (provider, key, kind) =>
    expect(definitionOf(provider).credentialKind(key)).toBe(kind),
  )
})

describe('what the record keeps of a key', () => {
  test.each([
    ['sk-1234567890abcd', '...abcd'],
    ['123456789012', '...9012'],
    ['12345678901', null],
    ['', null],
  ])('%s → %s', (key, hint) => expect(keyHint(key)).toBe(hint))
})

describe('a value that cannot be one key is named', () => {
  test.each([
    ['two joined by a comma', { xApiKey: 'sk-1,sk-2' }, 'x-api-key'],
    ['two in Authorization', { authorization: `Bearer ${flint}, Bearer sk-1` }, 'authorization'],
    ['a control character', { providerKey: 'sk-1\u0000' }, 'x-provider-key'],
    ['a line break', { xGoogApiKey: 'AIza\r\nx-evil: 1' }, 'x-goog-api-key'],
    ['a space', { queryKey: 'a b' }, 'key'],
    ['other letters', { providerKey: 'sk-ä' }, 'x-provider-key'],
    ['DEL', { providerKey: 'sk-\u007f' }, 'x-provider-key'],
  ])('%s', (_, places, name) => expect(malformedKey(at(places))).toBe(name))

  test.each([
    ['nothing at all', {}],
    [
      'every printable character but the comma',
      {
        providerKey: Array.from({ length: 94 }, (_, index) => String.fromCharCode(0x21 + index))
          .join('')
          .replace(',', ''),
      },
    ],
    [
      'credentials that are none of ours to judge',
      { authorization: 'Digest username="a", realm="b"' },
    ],
  ])('%s is well', (_, places) => expect(malformedKey(at(places))).toBeNull())
})

describe('a key in the query is taken out, and nothing else changes', () => {
  test.each([
    ['', '', []],
    ['alt=sse', 'alt=sse', []],
    ['key=AIza', '', ['AIza']],
    ['alt=sse&key=AIza', 'alt=sse', ['AIza']],
    ['key=AIza&alt=sse&x=%2F+1&&empty=', 'alt=sse&x=%2F+1&&empty=', ['AIza']],
    ['key=a&x=1&key=b', 'x=1', ['a', 'b']],
    ['key=', '', ['']],
    ['key=a%2Db', '', ['a-b']],
    // A provider decodes names too.
    ['a=1&%6Bey=hidden&x=%20y', 'a=1&x=%20y', ['hidden']],
    ['%=1&a', '%=1&a', []],
    ['key=%E0%A4%A', '', ['%E0%A4%A']],
    ['monkey=1&key2=2&Key=3', 'monkey=1&key2=2&Key=3', []],
  ])('%s', (query, rest, keys) =>
    expect(withoutParameter(query, 'key')).toEqual({ query: rest, values: keys }),
  )
})

describe('keys that a browser puts into Sec-WebSocket-Protocol', () => {
  test('are taken out, and the protocols stay in their order', () => {
    expect(
      withoutSubprotocolKeys('realtime, openai-insecure-api-key.sk-a, openai-beta.realtime-v1'),
    ).toEqual({
      protocols: 'realtime, openai-beta.realtime-v1',
      keys: ['sk-a'],
    })
    expect(
      withoutSubprotocolKeys(`openai-insecure-api-key.${flint},openai-insecure-api-key.sk-a`),
    ).toEqual({
      protocols: '',
      keys: [flint, 'sk-a'],
    })
    expect(withoutSubprotocolKeys('realtime')).toBeNull()
  })

  test('are a Flint key and a provider key like those in other places', () => {
    const places = at({ subprotocolKeys: ['sk-a', flint] })
    expect(flintKeyOf(places)).toBe(flint)
    expect(providerKeyOf(places)).toBe('sk-a')
    expect(providerKeyOf(at({ subprotocolKeys: [flint], providerKey: 'sk-b' }))).toBe('sk-b')
    expect(malformedKey(at({ subprotocolKeys: ['a b'] }))).toBe('sec-websocket-protocol')
  })
})

test('different Flint keys are counted, wherever they stand; the same one twice is one', () => {
  expect(differentFlintKeys(at({ authorization: `Bearer ${flint}`, xApiKey: flint }))).toBe(1)
  expect(differentFlintKeys(at({ authorization: `Bearer ${flint}`, xApiKey: other }))).toBe(2)
  expect(differentFlintKeys(at({ authorization: `Bearer ${flint}`, providerKey: other }))).toBe(2)
  expect(differentFlintKeys(at({ queryKey: flint, subprotocolKeys: [other, 'sk-a'] }))).toBe(2)
  expect(differentFlintKeys(at({ providerKey: 'sk-a' }))).toBe(0)
  expect(differentFlintKeys(at({ flintKey: flint, xApiKey: `sk-a.${other}` }))).toBe(2)
  expect(differentFlintKeys(at({ flintKey: flint, xApiKey: `sk-a.${flint}` }))).toBe(1)
})
