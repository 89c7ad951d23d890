import http from 'node:http'
import { afterAll, describe, expect, test } from 'vitest'
import { isAlive, type ListedRecord } from './support/flint.ts'
import { PROVIDER_KEY } from './support/provider-key.ts'
import { rawCall } from './support/raw-http.ts'
import { chatCompletion, startScriptedProvider } from './support/scripted-provider.ts'
import { until } from './support/until.ts'
import { useFlint, useServer } from './support/use-flint.ts'

const provider = useServer(startScriptedProvider)
const flint = useFlint(() => ({ upstream: provider.url }))

const agent = new http.Agent({ keepAlive: true, maxSockets: 16 })
afterAll(() => agent.destroy())
const chat = (id: string) =>
  rawCall(`${flint.baseUrl}/v1/proxy/openai/chat/completions`, {
    agent,
    body: '{"model":"gpt-4o"}',
    headers: {
      authorization: `Bearer ${flint.key}`,
      'x-provider-key': PROVIDER_KEY,
      'content-type': 'application/json',
      'x-flint-request-id': id,
      'x-test-call': id,
    },
  })
const api = async (path: string) =>
  (await fetch(flint.baseUrl + path, { headers: { authorization: `Bearer ${flint.key}` } })).status

/** Every record of these claimed ids, once as many are there as calls were made. */
async function recordsOf(ids: readonly string[], patienceMs = 30_000): Promise<ListedRecord[]> {
  let found: ListedRecord[] = []
  await until(`the records of ${ids.length} calls`, patienceMs, async () => {
    found = []
    let query = 'limit=500'
    for (;;) {
      const page = (await (
        await fetch(`${flint.baseUrl}/v1/audit?${query}`, {
          headers: { authorization: `Bearer ${flint.key}` },
        })
      ).json()) as { records: ListedRecord[]; nextCursor: string | null }
      found.push(...page.records.filter((record) => ids.includes(record.claimedRequestId ?? '')))
      if (!page.nextCursor) break
      query = new URLSearchParams({ cursor: page.nextCursor }).toString()
    }
    return found.length >= ids.length
  })
  return found
}

const served = (role: string, before: number) =>
  until(`${role} to be back`, 20_000, () => {
    try {
      const pid = flint.pid(role)
      return pid !== before && isAlive(pid)
    } catch {
      return false
    }
  })

const event = (content: string) =>
  `data: ${JSON.stringify({ id: 'c', model: 'gpt-4o-2024-08-06', choices: [{ index: 0, delta: { content }, finish_reason: null }] })}\n\n`

describe('while a part of Flint is gone', () => {
  test('gate dead: 503 in JSON, nothing forwarded, the API still answers; then calls go on', async () => {
    provider.answer((_request, response) => void response.end(chatCompletion('hello')))
    expect((await chat('before')).status).toBe(200)
    const pid = flint.pid('gate')
    process.kill(pid, 'SIGSTOP')
    provider.received.length = 0
    const waited = await chat('gate-stopped')
    expect([
      waited.status,
      JSON.parse(waited.body.toString()).error.code,
      waited.header('content-type'),
    ]).toEqual([503, 'audit_unavailable', 'application/json'])
    process.kill(pid, 'SIGKILL')
    const refused = await chat('gate-dead')
    // Two ways to be right: refused, or served by a gate that was back already. What must never be
    // is a call without a gate.
    if (refused.status !== 200)
      expect([refused.status, JSON.parse(refused.body.toString()).error.code]).toEqual([
        503,
        'audit_unavailable',
      ])
    expect(await api('/v1/audit')).toBe(200)
    expect(await api('/healthz')).toBe(200)
    expect(provider.received.length).toBe(refused.status === 200 ? 1 : 0)
    await served('gate', pid)
    await expect.poll(async () => (await chat('after')).status, { timeout: 10_000 }).toBe(200)
  })

  /**
   * 40 events, a tenth of a second apart; `midway` runs after the fifth. Resolves to how late the
   * latest of them was.
   */
  const stream = async (id: string, midway: () => void) => {
    const sentAtMs: number[] = []
    provider.answer(async (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      for (let i = 0; i < 40; i++) {
        if (i === 5) midway()
        sentAtMs.push(performance.now())
        response.write(event(`piece ${i}`))
        await new Promise((resolve) => setTimeout(resolve, 100))
      }
      response.end('data: [DONE]\n\n')
    })
    const startedAtMs = performance.now()
    const answer = await chat(id)
    expect(answer.complete).toBe(true)
    expect(answer.body.toString()).toBe(
      `${Array.from({ length: 40 }, (_, i) => event(`piece ${i}`)).join('')}data: [DONE]\n\n`,
    )
    return Math.max(
      ...sentAtMs.map(
        (sentAt, i) =>
          (answer.pieces.find(({ bytes }) => bytes.includes(`piece ${i}"`))?.atMs ?? 0) +
          startedAtMs -
          sentAt,
      ),
    )
  }
  const big = async (id: string, bytes: number, atStart: () => void) => {
    const body = Buffer.from(chatCompletion('x'.repeat(bytes)))
    provider.answer((_request, response) => {
      atStart()
      response
        .writeHead(200, { 'content-type': 'application/json', 'content-length': body.length })
        .end(body)
    })
    const startedAt = performance.now()
    const answer = await chat(id)
    expect(answer.body.equals(body)).toBe(true)
    return performance.now() - startedAt
  }

  test('observer stopped for two seconds of a stream: every event arrives in time, and nothing of the call is missed', async () => {
    const pid = flint.pid('observer')
    try {
      const latestMs = await stream('paused-stream', () => {
        process.kill(pid, 'SIGSTOP')
        setTimeout(() => process.kill(pid, 'SIGCONT'), 2_000)
      })
      expect(latestMs).toBeLessThan(1_500)
    } finally {
      process.kill(pid, 'SIGCONT')
    }
    const [record] = await recordsOf(['paused-stream'])
    expect(record).toMatchObject({ outcome: 'complete', captureGap: null })
  })

  test('observer stopped for good: streams and 20 MB wait for nothing, 60 MB at most 8 s, every byte arrives, and what was not seen is said', async () => {
    const pid = flint.pid('observer')
    const stop = () => process.kill(pid, 'SIGSTOP')
    try {
      // How long it takes when nothing is stopped: the delay is what comes on top.
      const undisturbedMs = await big('undisturbed-big', 60_000_000, () => {})
      expect(await stream('stopped-stream', stop)).toBeLessThan(3_000)
      expect(await big('stopped-20', 20_000_000, stop)).toBeLessThan(undisturbedMs + 3_000)
      expect(await big('stopped-60', 60_000_000, stop)).toBeLessThan(undisturbedMs + 8_000)
      expect((await rawCall(`${flint.baseUrl}/healthz`, { method: 'GET' })).status).toBe(200)
    } finally {
      process.kill(pid, 'SIGCONT')
    }
    const records = await recordsOf(['stopped-stream', 'stopped-20', 'stopped-60'])
    // A small copy may have been on this side of the socket already: then the observer finds it
    // when it goes on.
    expect(
      records.find(({ claimedRequestId }) => claimedRequestId === 'stopped-stream')?.outcome,
    ).toMatch(/^(complete|capture_lost)$/)
    for (const record of records.filter(
      ({ claimedRequestId }) => claimedRequestId !== 'stopped-stream',
    ))
      expect(record).toMatchObject({
        outcome: 'capture_lost',
        inputTokens: null,
        costUsd: null,
        provider: 'openai',
        endpoint: '/v1/chat/completions',
        keyHint: '...abcd',
      })
  })

  test('kill -9 of gate and of observer while calls run: one record for each call, none twice', async () => {
    provider.answer(async (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      for (let i = 0; i < 10; i++) {
        response.write(event(`piece ${i}`))
        await new Promise((resolve) => setTimeout(resolve, 50))
      }
      response.end('data: [DONE]\n\n')
    })
    const forwardedBefore = provider.received.length
    const ids: string[] = []
    const calls: Promise<unknown>[] = []
    for (const role of ['observer', 'gate', 'observer', 'gate']) {
      for (let i = 0; i < 10; i++) {
        const id = `kill-${ids.length}`
        ids.push(id)
        calls.push(chat(id).catch(() => {}))
      }
      await until(
        'calls to reach the provider',
        10_000,
        () => provider.received.length > forwardedBefore,
      )
      const pid = flint.pid(role)
      process.kill(pid, 'SIGKILL')
      await served(role, pid)
    }
    await Promise.all(calls)
    // What reached the provider had an intent first; what did not was refused with 503 and leaves
    // none or an open one.
    const forwarded = provider.received
      .slice(forwardedBefore)
      .map((request) => String(request.headers['x-test-call']))
    const records = await recordsOf(forwarded, 60_000)
    expect(new Set(records.map((record) => record.requestId)).size).toBe(records.length)
    expect(new Set(records.map((record) => record.claimedRequestId)).size).toBe(records.length)
    expect(records.length).toBe(forwarded.length)
    // Which of these a call got depends on what the kill met; what must hold for each is above: one
    // record, once.
    for (const record of records)
      expect(['complete', 'capture_lost', 'client_aborted', 'upstream_error']).toContain(
        record.outcome,
      )
  })

  test('ClickHouse dead: calls go on, rows arrive later, none twice, none lost', async () => {
    provider.answer((_request, response) => void response.end(chatCompletion('hello')))
    const pid = flint.pid('clickhouse')
    process.kill(pid, 'SIGSTOP')
    const ids = Array.from({ length: 600 }, (_, i) => `store-dead-${i}`)
    const startedAt = performance.now()
    const statuses: number[] = []
    // A minute without a store: ten calls a second go on.
    for (const id of ids) {
      statuses.push((await chat(id)).status)
      const due = startedAt + statuses.length * 100
      if (due > performance.now())
        await new Promise((resolve) => setTimeout(resolve, due - performance.now()))
    }
    expect(new Set(statuses)).toEqual(new Set([200]))
    expect(performance.now() - startedAt).toBeGreaterThan(55_000)
    process.kill(pid, 'SIGKILL')
    await served('clickhouse', pid)
    await until(
      'the API to answer again',
      30_000,
      async () => (await api('/v1/audit?limit=1')) === 200,
    )
    const records = await recordsOf(ids, 60_000)
    expect(records.length).toBe(ids.length)
    expect(new Set(records.map((record) => record.requestId)).size).toBe(ids.length)
    expect(
      records.every((record) => record.outcome === 'complete' && record.inputTokens === 10),
    ).toBe(true)
  })
})

describe('an observer that is killed in the middle of a stream', () => {
  test('leaves tokens and text seen so far in the record, which says that the rest was not seen', async () => {
    const patched = await fetch(`${flint.baseUrl}/v1/settings`, {
      method: 'PATCH',
      headers: { authorization: `Bearer ${flint.key}`, 'content-type': 'application/json' },
      body: '{"promptCapture":true}',
    })
    expect(patched.status).toBe(200)
    const send = (type: string, more: object) =>
      `event: ${type}\ndata: ${JSON.stringify({ type, ...more })}\n\n`
    const delta = (text: string) =>
      send('content_block_delta', { index: 0, delta: { type: 'text_delta', text } })
    const ask = (id: string) =>
      rawCall(`${flint.baseUrl}/v1/proxy/anthropic/v1/messages`, {
        agent,
        body: '{"model":"claude-sonnet-4-5","stream":true,"max_tokens":9,"messages":[{"role":"user","content":"what is net-30?"}]}',
        headers: {
          authorization: `Bearer ${flint.key}`,
          'x-provider-key': PROVIDER_KEY,
          'content-type': 'application/json',
          'x-flint-request-id': id,
        },
      })
    // The gate learns of the setting within seconds.
    await until('words to be kept', 30_000, async () => {
      await chat('warm')
      return (await recordsOf(['warm'])).some((found) => found.promptCapture === true)
    })
    let pieces = 0
    provider.answer(async (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      const usage = { input_tokens: 4_321, output_tokens: 1 }
      response.write(
        send('message_start', {
          message: { id: 'msg_1', model: 'claude-sonnet-4-5-20250929', usage },
        }),
      )
      response.write(
        send('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }),
      )
      for (pieces = 0; pieces < 40; pieces++) {
        response.write(delta(`piece ${pieces}, `))
        await new Promise((resolve) => setTimeout(resolve, 50))
      }
      response.write(
        send('message_delta', {
          delta: { stop_reason: 'end_turn' },
          usage: { output_tokens: 777 },
        }),
      )
      response.end(send('message_stop', {}))
    })
    const pid = flint.pid('observer')
    const answering = ask('killed-observer')
    await until('half of the answer', 20_000, () => pieces >= 20)
    process.kill(pid, 'SIGKILL')
    const answer = await answering
    expect(answer.complete).toBe(true)
    const [record] = await recordsOf(['killed-observer'], 40_000)
    expect(record).toMatchObject({
      outcome: 'capture_lost',
      captureGap: 'stream_lost',
      inputTokens: 4_321,
      usageSource: 'partial',
      model: 'claude-sonnet-4-5-20250929',
    })
    const prompt = await fetch(`${flint.baseUrl}/v1/audit/prompt/${record?.requestId}`, {
      headers: { authorization: `Bearer ${flint.key}` },
    })
    const kept = (await prompt.json()) as { prompt: string; completion: string }
    expect(kept.prompt).toContain('what is net-30?')
    expect(kept.completion).toMatch(/^piece 0, piece 1, /)
    expect(kept.completion).not.toContain('piece 39')
  })
})
