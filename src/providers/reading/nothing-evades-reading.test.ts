import zlib from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { play } from '../fixtures/play.ts'
import { zstdStored } from '../fixtures/zstd.ts'
import { definitionOf } from '../registry.ts'
import { extractFromReport } from './report.ts'

const PROMPT = 'what no one should see'
const REQUEST = JSON.stringify({ model: 'gpt-4o', messages: [{ role: 'user', content: PROMPT }] })
const ANSWER =
  '{"model":"gpt-4o-2024-08-06","usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}'
const read = (call: Parameters<typeof play>[0]) =>
  play({ request: REQUEST, answer: ANSWER, text: true, ...call })

describe('a request that a provider might read is read, whatever its headers and its path say of it', () => {
  test.each([
    ['no encoding under a name for one', { requestEncoding: 'foo' }],
    ['a charset in place of an encoding', { requestEncoding: 'utf-8' }],
    ['the same encoding twice', { requestEncoding: 'identity, identity' }],
    ['gzip said and plain sent', { requestEncoding: 'gzip' }],
    ['brotli said and plain sent', { requestEncoding: 'br' }],
    [
      'two encodings on top of each other',
      { requestEncoding: 'gzip, br', request: zlib.brotliCompressSync(zlib.gzipSync(REQUEST)) },
    ],
    ['zstd', { requestEncoding: 'zstd', request: zstdStored(Buffer.from(REQUEST)) }],
    ['text/plain', { requestType: 'text/plain' }],
    ['a form that it is not', { requestType: 'application/x-www-form-urlencoded' }],
    ['parts that it has not', { requestType: 'multipart/form-data; boundary=b' }],
    ['no content type', { requestType: null }],
    ['a byte order mark', { request: `\ufeff${REQUEST}` }],
    ['UTF-16', { request: Buffer.from(`\ufeff${REQUEST}`, 'utf16le') }],
    ['UTF-16 without a mark', { request: Buffer.from(REQUEST, 'utf16le') }],
    ['NaN before its text', { request: `{"temperature":NaN,${REQUEST.slice(1)}` }],
    ['infinities before its text', { request: `{"a":[Infinity,-Infinity,-1],${REQUEST.slice(1)}` }],
    ['an encoded slash in its path', { endpoint: '/v1/chat%2Fcompletions' }],
    ['encoded letters in its path', { endpoint: '/v1/ch%61t/completions' }],
    ['two slashes in its path', { endpoint: '/v1/chat//completions' }],
    ['capitals in its path', { endpoint: '/v1/Chat/Completions' }],
    [
      'escapes in the names of its members',
      { request: REQUEST.replace('messages', 'm\\u0065ssages') },
    ],
  ] as const)('%s', async (_, call) => {
    const facts = await read(call)
    expect(facts.requestModel).toBe('gpt-4o')
    expect(facts.text?.prompt?.full).toBe(PROMPT)
    expect(facts.textGap).toBeNull()
  })
})

describe('a request that cannot be read says so', () => {
  test.each([
    ['text that is no JSON', { request: REQUEST.replace('{', '{,') }],
    ['JSON that goes on after its end', { request: `${REQUEST}}` }],
    ['JSON without its end', { request: REQUEST.slice(0, -1) }],
    [
      'compressed and damaged',
      {
        requestEncoding: 'gzip',
        request: Buffer.concat([Buffer.from([0x1f, 0x8b]), Buffer.alloc(20, 7)]),
      },
    ],
    [
      'in an encoding no one knows',
      { requestEncoding: 'compress', request: Buffer.from([0x1f, 0x9d, 0x90, 0x7b]) },
    ],
    [
      'no parts where parts are said',
      { requestType: 'multipart/form-data; boundary=b', request: 'hello' },
    ],
    ['another kind of body', { requestType: 'application/octet-stream', request: 'hello' }],
    [
      'a bomb',
      {
        requestEncoding: 'br',
        request: zlib.brotliCompressSync(Buffer.alloc(32 * 1024 * 1024, 'a')),
      },
    ],
  ] as const)('%s', async (_, call) => {
    expect(await read(call)).toMatchObject({ textGap: 'request_unreadable' })
    // Also where no text is kept: the model is not known either.
    expect(await read({ ...call, text: false })).toMatchObject({
      textGap: 'request_unreadable',
      text: null,
    })
  })

  test('on a path that Flint does not know, where text is to be kept', async () => {
    expect(await read({ endpoint: '/v1/something/new' })).toMatchObject({
      textGap: 'unknown_endpoint',
      unknownEndpoint: true,
    })
    expect(await read({ endpoint: '/v1/something/new', text: false })).toMatchObject({
      textGap: null,
    })
  })

  test('but a file, an empty body and an upload that was cut are no fault of their form', async () => {
    expect(
      (
        await read({
          endpoint: '/v1/files',
          requestType: 'application/octet-stream',
          request: 'hello',
        })
      ).textGap,
    ).toBeNull()
    expect((await read({ request: '' })).textGap).toBeNull()
  })

  test('in a report', () => {
    const report = {
      provider: definitionOf('openai'),
      endpoint: '/v1/something/new',
      response: JSON.parse(ANSWER) as unknown,
    } as const
    expect(extractFromReport(report, { text: true }).textGap).toBe('unknown_endpoint')
  })
})

describe('an answer that cannot be read says so', () => {
  test.each([
    [
      'in an encoding no one knows',
      { answerEncoding: 'compress', answer: Buffer.from([0x1f, 0x9d, 0x90, 0x7b]) },
      'unreadable_encoding',
    ],
    ['damaged', { answer: '{"model":' }, 'unreadable_body'],
  ] as const)('%s', async (_, call, gap) => {
    expect((await read(call)).unreadable).toBe(gap)
  })

  test('and one under a name for an encoding that is none is read', async () => {
    expect(await read({ answerEncoding: 'utf-8' })).toMatchObject({
      unreadable: null,
      usage: { inputTokens: 1 },
    })
  })
})

test('the prompt of a form is kept', async () => {
  const part = (name: string, value: string) =>
    `--b\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`
  const form = `${part('model', 'gpt-image-1')}${part('prompt', PROMPT)}--b--\r\n`
  const call = {
    endpoint: '/v1/images/edits',
    requestType: 'multipart/form-data; boundary=b',
    request: form,
  }
  for (const chunkBytes of [null, 7]) {
    const facts = await read({ ...call, chunkBytes })
    expect(facts).toMatchObject({ requestModel: 'gpt-image-1', textGap: null })
    expect(facts.text?.prompt).toMatchObject({ full: PROMPT, truncated: false })
  }
})
