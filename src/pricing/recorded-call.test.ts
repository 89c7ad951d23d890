import { expect, test } from 'vitest'
import { recordedCall } from './recorded-call.ts'

test('a call that is priced again has the shares it had, tokens and seconds', () => {
  const parts = [
    { model: 'gpt-realtime', usage: { inputTokens: 20, outputTokens: 10 } },
    { model: 'whisper-1', usage: {}, audioSeconds: 7.5 },
  ]
  const reported = recordedCall({
    provider: 'openai',
    model: 'gpt-realtime',
    billable: true,
    usage_source: 'provider',
    billed: JSON.stringify({ parts }),
  })
  expect(reported?.billed?.parts).toMatchObject([
    { model: 'gpt-realtime', usage: { inputTokens: 20, outputTokens: 10 } },
    { model: 'whisper-1', usage: { inputTokens: null }, audioSeconds: 7.5 },
  ])
  expect(reported?.billed?.parts[0]).not.toHaveProperty('audioSeconds')
})

test('a call that is priced again has the doubts it had', () => {
  const doubts = {
    callSizes: { least: 1, most: 9 },
    uncountedFees: ['container'],
    unreadUsage: ['dreams'],
  }
  const parts = [
    {
      model: 'gpt-5.5',
      usage: { inputTokens: 9 },
      counts: { fileSearches: 2 },
      callSizes: { least: 3, most: 4 },
    },
  ]
  const row = { provider: 'openai', model: 'gpt-5.5', billable: true, usage_source: 'provider' }
  expect(
    recordedCall({ ...row, billed: JSON.stringify({ ...doubts, parts }) })?.billed,
  ).toMatchObject({ ...doubts, parts })
  expect(recordedCall({ ...row, billed: null })?.billed).toMatchObject({
    callSizes: null,
    uncountedFees: [],
    unreadUsage: [],
  })
})
