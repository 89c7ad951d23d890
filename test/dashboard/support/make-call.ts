import { expect } from 'vitest'
import type { FlintUnderTest } from '../../support/flint.ts'
import { PROVIDER_KEY } from '../../support/provider-key.ts'

/** One more call, through Envoy. */
export async function makeCall({ baseUrl, key }: Pick<FlintUnderTest, 'baseUrl' | 'key'>) {
  const answer = await fetch(`${baseUrl}/v1/proxy/openai/v1/chat/completions`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${key}`,
      'content-type': 'application/json',
      'x-provider-key': PROVIDER_KEY,
    },
    body: JSON.stringify({ model: 'gpt-4o', messages: [{ role: 'user', content: 'Hello' }] }),
  })
  await answer.arrayBuffer()
  expect(answer.status).toBe(200)
}
