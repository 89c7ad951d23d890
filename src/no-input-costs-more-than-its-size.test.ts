import { describe, expect, test } from 'vitest'
import { redact, redactJoined, redactStretch } from './evidence/redact.ts'
import { createCallerRequestReader } from './extproc/caller-request.ts'
import { isAmbiguousPath } from './extproc/route.ts'
import { SHIPPED_PROVIDERS } from './providers/active-providers.ts'
import { answerText } from './providers/counting/answer-text.ts'
import { amazonMessage } from './providers/fixtures/amazon-events.ts'
import { play } from './providers/fixtures/play.ts'
import { talk } from './providers/fixtures/talk.ts'
import { requestHeaders, textFrame } from './providers/fixtures/wire-bytes.ts'
import { growth } from './providers/fixtures/work-growth.ts'
import { endpointTemplate } from './providers/reading/endpoint-template.ts'
import { extractFromReport } from './providers/reading/report.ts'
import { definitionOf } from './providers/registry.ts'
import { previewOf } from './providers/text/preview.ts'

/**
 * Delimiters, their beginnings, and openings that never close: what a search or a scan may stumble
 * over.
 */
const UNITS: readonly string[] = [
  ...[
    '"',
    '\\',
    '\\"',
    '\\u',
    '\\ud83d',
    '{',
    '[',
    '{"',
    '{"a":',
    '[{"',
    ',',
    ':',
    ' ',
    '\n',
    '\r',
    '\r\n',
    '\t',
    '}',
    ']',
  ],
  ...[
    '{"model":"',
    '{"messages":[',
    '{"role":"user","content":"',
    '{"type":"text","text":"',
    '{"type":"text","text":"a"},',
    '{"type":"tool_use","id":"t","name":"f","input":{}},',
    '{"role":"user","content":"a"},',
    '"usage":{',
    '{"choices":[{"delta":{',
  ],
  ...[
    'd\n',
    'd',
    'data',
    'data:',
    'data: ',
    'data:\n',
    'data: "\n',
    'data: {\n\n',
    'event:',
    'event: a\n',
    ':',
    ':\n',
    '\n\n',
    'id\n',
  ],
  ...[
    'data: {"choices":[{"index":0,"delta":{"content":"a"}}]}\n\n',
    'data: [DONE',
    'data: {"usage":{}}\n\n',
    '{"id":"a"}\n',
  ],
  ...[
    '\r\n--b',
    '--b',
    '\r\n--b\r\n',
    '\r\n\r\n',
    '\r\n-',
    'content-disposition:',
    '\r\n--b\r\ncontent-disposition: form-data; name="model"\r\n',
  ],
  ...[
    'a',
    '的',
    '😀',
    '\u0301',
    '\ud83d',
    '\u0000',
    '1',
    '-',
    '1e',
    'true',
    'nul',
    'https://',
    'data:image/png;base64,',
    'AAAA',
    '=',
  ],
]

const MULTIPART = 'multipart/form-data; boundary=b'

const EVENT = { ':message-type': 'event', ':event-type': 'contentBlockDelta' }
const CHUNK = { ':message-type': 'event', ':event-type': 'chunk' }
const playAmazon = (answer: Uint8Array) =>
  play({
    provider: 'bedrock',
    endpoint: '/model/m.m/invoke-with-response-stream',
    answer,
    answerType: 'application/vnd.amazon.eventstream',
    text: true,
  })

const READERS: Readonly<Record<string, (text: string) => unknown>> = {
  'a JSON request': (text) => play({ request: text, text: true }),
  'the messages of a request': (text) => play({ request: `{"messages":[${text}`, text: true }),
  'the parts of a message': (text) =>
    play({ request: `{"messages":[{"role":"user","content":[${text}`, text: true }),
  'blocks of tools in a request': (text) =>
    play({
      provider: 'anthropic',
      endpoint: '/v1/messages',
      request: `{"messages":[{"role":"user","content":[{"type":"tool_result","content":[${text}`,
      text: true,
    }),
  'arguments of a tool in a request': (text) =>
    play({
      request: `{"messages":[{"tool_calls":[{"id":"c","function":{"name":"f","arguments":"${text}`,
      text: true,
    }),
  'a string of a request': (text) =>
    play({ request: `{"messages":[{"role":"user","content":"${text}`, text: true }),
  'a link in a request': (text) =>
    play({
      request: `{"messages":[{"content":[{"type":"image_url","image_url":{"url":"${text}`,
      text: true,
      maxAttachmentBytes: 1e6,
    }),
  'a form': (text) =>
    play({ endpoint: '/v1/audio/transcriptions', request: text, requestType: MULTIPART }),
  'a form with a long boundary': (text) =>
    play({
      endpoint: '/v1/audio/transcriptions',
      request: text,
      requestType: `multipart/form-data; boundary=${'a'.repeat(70)}`,
    }),
  'a JSON answer': (text) => play({ answer: text, text: true }),
  'a JSON answer of Gemini': (text) =>
    play({
      provider: 'gemini',
      endpoint: '/v1beta/models/g:generateContent',
      answer: `{"candidates":[${text}`,
      text: true,
    }),
  'a string of an answer': (text) =>
    play({ answer: `{"choices":[{"message":{"content":"${text}`, text: true }),
  'a stream of OpenAI': (text) =>
    play({ answer: text, answerType: 'text/event-stream', text: true }),
  'a stream of Anthropic': (text) =>
    play({
      provider: 'anthropic',
      endpoint: '/v1/messages',
      answer: text,
      answerType: 'text/event-stream',
      text: true,
    }),
  'a stream of responses': (text) =>
    play({ endpoint: '/v1/responses', answer: text, answerType: 'text/event-stream', text: true }),
  'an answer of lines': (text) =>
    play({ method: 'GET', endpoint: '/v1/files/file-1/content', answer: text }),
  'an answer whose kind is not named': (text) =>
    play({ answer: text, answerType: null, text: true }),
  'messages of an Amazon event stream': (text) => playAmazon(amazonMessage(EVENT, text)),
  'chunks of an Amazon event stream': (text) =>
    playAmazon(amazonMessage(CHUNK, `{"bytes":"${Buffer.from(text).toString('base64')}"}`)),
  'a payload of an Amazon event stream': (text) => playAmazon(amazonMessage(CHUNK, text)),
  'small messages of an Amazon event stream': (text) =>
    playAmazon(
      Buffer.concat((text.match(/.{1,64}/gs) ?? []).map((part) => amazonMessage(EVENT, part))),
    ),
  'bytes of an Amazon event stream': (text) => playAmazon(Buffer.from(text)),
  'messages of a websocket': (text) =>
    play({
      method: 'GET',
      endpoint: '/v1/realtime',
      status: 101,
      request: textFrame(text),
      answer: textFrame(text),
    }),
  'the text of a websocket': (text) =>
    talk({ client: textFrame(text), server: textFrame(text), text: true }),
  'the text of a Live socket': (text) =>
    talk({
      provider: 'gemini',
      endpoint: '/ws/g.BidiGenerateContent',
      client: textFrame(text),
      server: textFrame(text),
      text: true,
    }),
  'bytes of a websocket': (text) =>
    play({ method: 'GET', endpoint: '/v1/realtime', status: 101, request: text, answer: text }),
  'a reported answer': (text) =>
    extractFromReport(
      { provider: definitionOf('openai'), endpoint: '/v1/chat/completions', response: text },
      { text: true },
    ),
  'events that are counted': (text) => answerText('openai-chat', Buffer.from(text)),
  'text that is searched for keys': redact,
  'text of pieces that is searched for keys': redactJoined,
  'one piece of a text that is searched for keys': (text) =>
    redactStretch(text, text.length >> 1, text.length),
  'the preview of a text': previewOf,
  'a path': (text) => [isAmbiguousPath(text), endpointTemplate(text)],
  'request headers': (text) =>
    createCallerRequestReader(SHIPPED_PROVIDERS)(
      requestHeaders({
        ':path': `/v1/proxy/openai/${text}?${text}`,
        authorization: text,
        connection: text,
        'x-flint-tag-a': text,
      }),
    ),
}

describe.each(Object.keys(READERS))('%s', (name) => {
  const read = READERS[name] ?? redact
  test('costs four times as much when it is four times as long, whatever it repeats', async () => {
    const costly: string[] = []
    for (const unit of UNITS) {
      const growthOf = await growth((bytes) => read(unit.repeat(Math.ceil(bytes / unit.length))))
      // Four for what grows with the length, sixteen for what grows with its square.
      if (growthOf > 9) costly.push(`${JSON.stringify(unit)} ${growthOf.toFixed(1)}`)
    }
    expect(costly).toEqual([])
  })
})
