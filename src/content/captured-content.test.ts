import { createHash, createHmac } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { ExchangeText } from '../providers/text/exchange-text.ts'
import { type CapturePolicy, capturePolicyOf, policyName, policyNamed } from './capture-policy.ts'
import { type CapturedContent, captureContent, withoutObject } from './captured-content.ts'
import type { ContentDocument } from './content-document.ts'

const secret = Buffer.from('a secret of this test')
const call = {
  org: 'org_1',
  recordId: '019b76da-a800-7000-8000-000000000001',
  provider: 'openai' as const,
  model: 'gpt-4o',
  endpoint: '/v1/chat/completions',
}
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
const captured = (text: string) => ({
  preview: text.slice(0, 100),
  full: text,
  truncated: false,
  chars: text.length,
})
const textOf = (
  prompt: string | null,
  completion: string | null,
  rest: Partial<ExchangeText> = {},
): ExchangeText => ({
  prompt:
    prompt === null ? null : { ...captured(prompt), hashSha256: sha256(prompt), lastUser: null },
  completion: completion === null ? null : captured(completion),
  toolCalls: [],
  attachments: [],
  conversation: { messages: [], toolText: '', truncated: false },
  ...rest,
})
const plain: CapturePolicy = { redact: false, promptHashMode: 'sha256' }
const careful: CapturePolicy = { redact: true, promptHashMode: 'sha256' }

function documentOf({ lines }: CapturedContent): ContentDocument {
  const line = lines.at(-1)
  if (line?.kind !== 'document') throw new Error('no document')
  return JSON.parse(line.body) as ContentDocument
}

describe('what is kept of a call’s text', () => {
  test('previews, the hash of the whole prompt, and one object whose hash evidence knows', () => {
    const prompt = `${'long '.repeat(60)}end`
    const kept = captureContent(call, textOf(prompt, 'An answer.'), plain, secret)
    expect(kept.columns).toMatchObject({
      capture: true,
      prompt_preview: prompt.slice(0, 100),
      completion_preview: 'An answer.',
      prompt_hash: sha256(prompt),
      content_key: `org_1/2026-01-01/${call.recordId}.json.gz`,
      content_gap: null,
    })
    expect(documentOf(kept)).toMatchObject({
      prompt,
      completion: 'An answer.',
      provider: 'openai',
      model: 'gpt-4o',
      promptTruncated: false,
    })
    const line = kept.lines.at(-1)
    expect(line).toMatchObject({
      kind: 'document',
      org: 'org_1',
      record_id: call.recordId,
      sha256: kept.columns.content_sha256,
    })
    expect(line?.kind === 'document' && sha256(line.body)).toBe(kept.columns.content_sha256)
  })

  test('a preview is 100 characters as a reader counts them', () => {
    const family = '👨‍👩‍👧‍👦'
    const { columns } = captureContent(call, textOf(family.repeat(120), null), plain, secret)
    expect(columns.prompt_preview).toBe(family.repeat(100))
  })

  test('secrets are gone from preview, object and tool calls, also one that the preview would have cut; the hash is of the prompt as sent', () => {
    const key = `sk-${'ant'}-${'a1b2c3d4'.repeat(5)}`
    const prompt = `${'x'.repeat(80)} ${key} and more`
    const toolCalls = [
      { index: 0, id: 'call_1', name: 'login', argumentsJson: JSON.stringify({ key }) },
    ]
    const kept = captureContent(
      call,
      textOf(prompt, `Your key is ${key}.`, { toolCalls }),
      careful,
      secret,
    )
    expect(JSON.stringify(kept)).not.toContain('a1b2c3d4')
    expect(kept.columns.prompt_hash).toBe(sha256(prompt))
    expect(documentOf(kept).toolCalls).toEqual([
      { ...toolCalls[0], argumentsJson: '{"key":"[redacted:anthropic-key]"}' },
    ])
    expect(JSON.stringify(captureContent(call, textOf(prompt, null), plain, secret))).toContain(key)
  })

  test('messages are stretches of the clean texts: a key is gone from each, also one in halves', () => {
    const key = `sk-${'ant'}-${'a1b2c3d4'.repeat(5)}`
    const [head, tail] = [key.slice(0, 20), key.slice(20)]
    const pieces = [`my key is ${head}`, `${tail} and more`, `it is ${key}.`, 'the end']
    const prompt = pieces.join('\n\n')
    const at = (piece: string) => prompt.indexOf(piece)
    const span = (of: 'prompt' | 'tools', from: number, to: number) => ({
      of,
      from,
      to,
      cut: false,
    })
    const conversation = {
      messages: [
        {
          role: 'user' as const,
          parts: pieces.map((piece) => ({
            type: 'text' as const,
            text: span('prompt', at(piece), at(piece) + piece.length),
          })),
        },
        {
          role: 'tool' as const,
          parts: [
            {
              type: 'toolResult' as const,
              id: key,
              name: null,
              text: span('tools', 2, 2 + key.length),
            },
          ],
        },
      ],
      toolText: `x ${key} y`,
      truncated: false,
    }
    const shown = (policy: CapturePolicy) => {
      const kept = captureContent(call, textOf(prompt, null, { conversation }), policy, secret)
      const document = documentOf(kept)
      const texts = {
        prompt: document.prompt ?? '',
        completion: '',
        tools: document.toolText ?? '',
      }
      return document.messages?.flatMap(({ parts }) =>
        parts.map((part) =>
          part.type === 'text' || part.type === 'toolResult'
            ? part.text && texts[part.text.of].slice(part.text.from, part.text.to)
            : part,
        ),
      )
    }
    const gone = '[redacted:anthropic-key]'
    expect(shown(careful)).toEqual([
      `my key is ${gone}`,
      ' and more',
      `it is ${gone}.`,
      'the end',
      gone,
    ])
    expect(shown(plain)).toEqual([...pieces, key])
  })

  test('what a user said last is shown up to 100 characters, and without the keys that are gone from the prompt', () => {
    const key = `sk-${'ant'}-${'a1b2c3d4'.repeat(5)}`
    const shown = (before: string, start: string, after = '', policy = careful) => {
      const full = before + start + after
      const prompt = {
        ...captured(full),
        hashSha256: null,
        lastUser: { start, at: before.length },
      }
      return captureContent(call, { ...textOf(null, null), prompt }, policy, secret).columns
        .last_user_preview
    }
    expect(shown('Be brief.\n\n', 'long '.repeat(60))).toBe('long '.repeat(20))
    expect(shown('Be brief.\n\n', `it is ${key}`)).toBe('it is [redacted:anthropic-key]')
    expect(shown('Be brief.\n\n', `it is ${key}`, '', plain)).toBe(`it is ${key}`)
    // In halves with what stands before, and after.
    const [head, tail] = [key.slice(0, 20), key.slice(20)]
    expect(shown(`my key is ${head}\n\n`, `${tail} and more`)).toBe(
      '[redacted:anthropic-key] and more',
    )
    expect(shown('Be brief.\n\n', `it is ${head}`, `\n\n${tail}`)).toBe(
      'it is [redacted:anthropic-key]',
    )
    const beyond = { ...captured('x'), hashSha256: null, lastUser: { start: key, at: null } }
    expect(
      captureContent(call, { ...textOf(null, null), prompt: beyond }, careful, secret).columns,
    ).toMatchObject({ last_user_preview: '[redacted:anthropic-key]' })
  })

  test('half of a surrogate pair is kept as the hash reads it, so that the object and its hash belong together', () => {
    const kept = captureContent(call, textOf('cut through \ud83d here', null), plain, secret)
    const { prompt } = documentOf(kept)
    expect(prompt).toBe('cut through \ufffd here')
    expect(kept.columns.prompt_hash).toBe(sha256(prompt ?? ''))
  })

  test('in mode hmac equal prompts of one organisation are equal, and no one else’s', () => {
    const keyed: CapturePolicy = { redact: false, promptHashMode: 'hmac' }
    const hash = (org: string, prompt: string, under = secret) =>
      captureContent({ ...call, org }, textOf(prompt, null), keyed, under).columns.prompt_hash
    expect(hash('org_1', 'hi')).toBe(
      createHmac('sha256', secret)
        .update(`org_1\n${sha256('hi')}`)
        .digest('hex'),
    )
    expect(hash('org_1', 'hi')).toBe(hash('org_1', 'hi'))
    for (const other of [
      hash('org_2', 'hi'),
      hash('org_1', 'ho'),
      hash('org_1', 'hi', Buffer.from('other')),
      sha256('hi'),
    ])
      expect(hash('org_1', 'hi')).not.toBe(other)
  })

  test('a prompt whose whole was not seen has no hash', () => {
    const prompt = { ...captured('part'), hashSha256: null, truncated: true, lastUser: null }
    const kept = captureContent(call, { ...textOf(null, null), prompt }, plain, secret)
    expect(kept.columns).toMatchObject({ prompt_preview: 'part', prompt_hash: null })
    expect(documentOf(kept).promptTruncated).toBe(true)
  })

  test('what is attached is kept once by its hash; a mere link only by name', () => {
    const data = Buffer.from('an image')
    const image = {
      direction: 'request' as const,
      kind: 'image' as const,
      mediaType: 'image/png',
      sha256: sha256('an image'),
      bytes: data.length,
      data,
    }
    const link = {
      direction: 'request' as const,
      kind: 'image' as const,
      mediaType: null,
      sha256: null,
      bytes: null,
    }
    const large = {
      direction: 'response' as const,
      kind: 'audio' as const,
      mediaType: 'audio/wav',
      sha256: sha256('large'),
      bytes: 9,
    }
    const kept = captureContent(
      call,
      textOf('look', null, { attachments: [image, link, image, large] }),
      plain,
      secret,
    )
    expect(kept.lines.map(({ kind }) => kind)).toEqual(['attachment', 'document'])
    expect(kept.columns.attachments).toEqual([image.sha256])
    const key = `org_1/2026-01-01/attachments/${image.sha256}`
    expect(documentOf(kept).attachments.map((attachment) => attachment.key)).toEqual([
      key,
      null,
      key,
      null,
    ])
    expect(JSON.stringify(documentOf(kept))).not.toContain('data')
  })

  test('a call without any text has no object and no preview', () => {
    expect(captureContent(call, textOf(null, null), plain, secret)).toMatchObject({
      columns: {
        capture: true,
        prompt_preview: null,
        prompt_hash: null,
        content_key: null,
        content_gap: null,
      },
      lines: [],
    })
  })

  test('where there is no space for the object, previews and hash stay and the row says so', () => {
    const { columns } = captureContent(call, textOf('hi', null), plain, secret)
    expect(withoutObject(columns)).toMatchObject({
      prompt_preview: 'hi',
      prompt_hash: sha256('hi'),
      content_key: null,
      content_sha256: null,
      content_gap: 'spool_full',
    })
  })
})

test('the policy travels as a name; any other name is unknown', () => {
  for (const promptHashMode of ['sha256', 'hmac'] as const)
    for (const redact of [true, false]) {
      const policy = capturePolicyOf({
        promptCapture: true,
        redactStoredContent: redact,
        promptHashMode,
      })
      expect(policyNamed(policyName(policy))).toEqual({ redact, promptHashMode })
    }
  expect(
    capturePolicyOf({ promptCapture: false, redactStoredContent: true, promptHashMode: 'hmac' }),
  ).toBeNull()
  expect(policyNamed('')).toBeNull()
  for (const name of ['md5', 'sha256+', 'sha256+redact+', 'SHA256', 'redact', '+redact'])
    expect(policyNamed(name)).toBeUndefined()
})
