import { expect, test } from 'vitest'
import { eventually } from './support/eventually.ts'
import { useFlint } from './support/use-flint.ts'

const flint = useFlint()

test('a call is on the live stream, through Envoy, moments after it was made', async () => {
  const leave = new AbortController()
  const headers = { authorization: `Bearer ${flint.key}` }
  const live = await fetch(`${flint.baseUrl}/v1/audit/live?endpoint=/v1/live*`, {
    headers,
    signal: leave.signal,
  })
  expect(live.headers.get('content-type')).toBe('text/event-stream')
  let text = ''
  const read = (async () => {
    for await (const piece of live.body?.pipeThrough(new TextDecoderStream()) ?? []) text += piece
  })()
  await eventually(() => expect(text).toContain('event: ping'))
  for (const endpoint of ['/v1/other', '/v1/live-one']) {
    const report = await fetch(`${flint.baseUrl}/v1/audit/report`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify({ provider: 'openai', endpoint, response: {} }),
    })
    expect(report.status).toBe(202)
  }
  await eventually(() => expect(text).toContain('"endpoint":"/v1/live-one"'), 30_000)
  expect(text).not.toContain('/v1/other')
  leave.abort()
  await expect(read).rejects.toThrow()
})
