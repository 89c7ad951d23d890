import http from 'node:http'
import { describe, expect, test } from 'vitest'
import { PROVIDER_KEY } from './support/provider-key.ts'
import { rawCall } from './support/raw-http.ts'
import { chatCompletion, startScriptedProvider } from './support/scripted-provider.ts'
import { until } from './support/until.ts'
import { useFlint, useServer } from './support/use-flint.ts'

const provider = useServer(startScriptedProvider)
const flint = useFlint(() => ({ upstream: provider.url }))

const call = (agent: http.Agent) =>
  rawCall(`${flint.baseUrl}/v1/proxy/openai/chat/completions`, {
    agent,
    body: '{"model":"gpt-4o"}',
    headers: {
      authorization: `Bearer ${flint.key}`,
      'x-provider-key': PROVIDER_KEY,
      'content-type': 'application/json',
    },
  })

/** Records by outcome, counted through every page. */
async function outcomes(): Promise<Map<string, number>> {
  const counts = new Map<string, number>()
  let query = 'limit=500'
  for (;;) {
    const page = (await (
      await fetch(`${flint.baseUrl}/v1/audit?${query}`, {
        headers: { authorization: `Bearer ${flint.key}` },
      })
    ).json()) as {
      records: Array<{ outcome: string; inputTokens: number | null }>
      nextCursor: string | null
    }
    for (const { outcome, inputTokens } of page.records) {
      const name =
        outcome === 'complete' && inputTokens !== 10 ? 'complete without tokens' : outcome
      counts.set(name, (counts.get(name) ?? 0) + 1)
    }
    if (!page.nextCursor) return counts
    query = new URLSearchParams({ cursor: page.nextCursor }).toString()
  }
}

const completeCalls = async () =>
  Number(
    (await flint.sql("SELECT count() AS calls FROM calls WHERE outcome = 'complete'"))[0]?.[
      'calls'
    ],
  )

describe('under a burst', () => {
  test('1,500 streams at once: no call waits for the gate until it times out', async () => {
    const agent = new http.Agent({ maxSockets: 1_500 })
    let open = 0
    let release: () => void = () => {}
    const allOpen = new Promise<void>((resolve) => {
      release = resolve
    })
    provider.answer(async (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' })
      response.flushHeaders()
      open += 1
      if (open === 1_500) release()
      // Every stream stays open until all are: they really are there at once.
      await allOpen
      response.end(chatCompletion('hello'))
    })
    const answers = await Promise.all(
      Array.from({ length: 1_500 }, async () => {
        const answer = await call(agent)
        // One that was refused never comes: the others must not wait for it.
        if (answer.status !== 200) release()
        return answer
      }),
    )
    agent.destroy()
    expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([200]))
    await until('1,500 records', 30_000, async () => (await completeCalls()) === 1_500)
    expect(await outcomes()).toEqual(new Map([['complete', 1_500]]))
  })

  test('10,000 plain calls at full speed: no 503, every one observed', async () => {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 64 })
    const answer = chatCompletion('hello')
    provider.answer(
      (_request, response) =>
        void response
          .writeHead(200, { 'content-type': 'application/json', 'content-length': answer.length })
          .end(answer),
    )
    const statuses = new Map<number, number>()
    let left = 10_000
    await Promise.all(
      Array.from({ length: 64 }, async () => {
        while (left-- > 0) {
          const { status } = await call(agent)
          statuses.set(status, (statuses.get(status) ?? 0) + 1)
        }
      }),
    )
    agent.destroy()
    expect(statuses).toEqual(new Map([[200, 10_000]]))
    await until('every record', 60_000, async () => (await completeCalls()) === 11_500)
    expect(await outcomes()).toEqual(new Map([['complete', 11_500]]))
    const metrics = await flint.metrics()
    expect([
      metrics.get('flint_observer_streams_lost_total'),
      metrics.get('flint_observer_shed_total'),
      metrics.get('flint_observer_forged_total'),
    ]).toEqual([0, 0, 0])
  })
})
