import { expect, test } from 'vitest'
import type { Prompt } from '../../api/answers.ts'
import { itemsOf, redactions, shownOf } from './conversation.ts'

const bare: Prompt = { prompt: null, completion: null, provider: 'openai', model: null }
const text = (said: string) => ({ type: 'text' as const, text: said, truncated: false })

test('messages keep their order, and each begins with its role', () => {
  const messages: NonNullable<Prompt['messages']> = [
    { role: 'system', parts: [text('be terse')] },
    { role: 'user', parts: [text('look'), text('at this')] },
    { role: 'assistant', parts: [text('yes')] },
  ]
  const items = itemsOf({ ...bare, prompt: 'be terse\n\nlook', messages })
  expect(items.map(({ role, isFirst, part }) => [role, isFirst, part])).toEqual([
    ['system', true, text('be terse')],
    ['user', true, text('look')],
    ['user', false, text('at this')],
    ['assistant', true, text('yes')],
  ])
})

test('a prompt of an earlier build is one text, and the answer another with its tool calls', () => {
  const items = itemsOf({
    ...bare,
    prompt: 'all of it',
    promptTruncated: true,
    completion: 'the answer',
    messages: null,
    messagesGap: 'earlier_format',
    toolCalls: [{ index: 0, id: 'call_1', name: 'search', argumentsJson: '{}' }],
    attachments: [
      {
        direction: 'request',
        ...{ kind: 'image', mediaType: 'image/png', sha256: 'ab', bytes: 9, key: null },
      },
    ],
  })
  expect(items.map(({ role, part }) => [role, part.type])).toEqual([
    [null, 'text'],
    [null, 'attachment'],
    ['assistant', 'text'],
    ['assistant', 'toolCall'],
  ])
  expect(items[0]?.part).toEqual({ type: 'text', text: 'all of it', truncated: true })
  expect(items[1]?.part).toMatchObject({ kept: false })
})

test('secrets that were taken out are counted', () => {
  expect(redactions('key [redacted:openai_key] and [redacted:aws-key], not [redacted]')).toBe(2)
})

test('of a long conversation the beginning and the end are shown', () => {
  const ends = { head: 40, tail: 20 }
  expect(shownOf(60, 0, ends)).toEqual({ headEnd: 60, tailStart: 60 })
  expect(shownOf(61, 0, ends)).toEqual({ headEnd: 40, tailStart: 41 })
  expect(shownOf(10_000, 100, ends)).toEqual({ headEnd: 140, tailStart: 9980 })
})
