import { expect, it } from 'vitest'
import { toldCall } from './told-call.ts'

it('a call that is priced again has the shares it had, tokens and seconds', () => {
  const parts = [
    { model: 'gpt-realtime', usage: { inputTokens: 20, outputTokens: 10 } },
    { model: 'whisper-1', usage: {}, audioSeconds: 7.5 },
  ]
  const told = toldCall({
    provider: 'openai',
    model: 'gpt-realtime',
    billable: true,
    usage_source: 'provider',
    billed: JSON.stringify({ parts }),
  })
  expect(told?.billed?.parts).toMatchObject([
    { model: 'gpt-realtime', usage: { inputTokens: 20, outputTokens: 10 } },
    { model: 'whisper-1', usage: { inputTokens: null }, audioSeconds: 7.5 },
  ])
  expect(told?.billed?.parts[0]).not.toHaveProperty('audioSeconds')
})
