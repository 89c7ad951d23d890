import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type FlintUnderTest, startFlint, until } from './support/flint.ts'
import { rawCall } from './support/raw-http.ts'
import { bodyOf, type Recording, type Replay, recordingsAvailable, startReplay } from './support/recordings.ts'

const PREFIX = {
  openai: '/v1/proxy/openai',
  anthropic: '/v1/proxy/anthropic',
  gemini: '/v1/proxy/gemini',
  'gemini-openai-compat': '/v1/proxy/gemini',
} as const
/** The endpoints whose numbers Flint reads; every other endpoint must still pass unchanged and leave its record. */
const READ = new Set(['chat.completions', 'responses', 'messages', 'generateContent', 'streamGenerateContent'])
const PLANS = ['', 'chunk=event', 'chunk=700;encoding=gzip', 'encoding=original']

const OURS = /^(x-provider-key|x-flint-|x-envoy-|x-forwarded-|x-request-id|via$)/

/** One line per name: a proxy may combine repeated lines of a list header, which changes nothing (RFC 9110 §5.3). */
function flat(list: ReadonlyArray<readonly [string, string]>): string[] {
  const byName = new Map<string, string>()
  for (const [name, value] of list) byName.set(name, byName.has(name) ? `${byName.get(name)},${value}` : value)
  return [...byName].map(([name, value]) => `${name}: ${value.split(/,\s*/).join(',')}`).sort()
}

describe.skipIf(!recordingsAvailable)('recorded calls through the real Envoy', () => {
  let replay: Replay
  let flint: FlintUnderTest
  beforeAll(async () => {
    replay = await startReplay()
    flint = await startFlint({ upstream: replay.url })
  })
  afterAll(async () => {
    await flint?.stop()
    await replay?.close()
  })

  function publicPath({ provider, request }: Recording): string {
    const path = provider === 'openai' ? request.path.replace(/^\/v1\//, '/') : request.path
    return PREFIX[provider] + path
  }

  it('give the caller the provider’s bytes, the provider the caller’s, and one right record each', async () => {
    // Every recording once: a different plan (chunks, encodings) for each, so that all mixtures occur.
    const played = replay.recordings.map((recording, index) => ({ recording, plan: PLANS[index % PLANS.length] ?? '' }))
    const problems: string[] = []
    const queue = [...played]
    const worker = async () => {
      for (let next = queue.shift(); next; next = queue.shift()) {
        const { recording, plan } = next
        const headers: Record<string, string> = {}
        for (const [name, value] of Object.entries(recording.request.headers))
          if (!/^(connection|transfer-encoding|accept-encoding)$/i.test(name)) headers[name] = String(value)
        const body = bodyOf(recording.request)
        const answer = await rawCall(flint.baseUrl + publicPath(recording), {
          method: recording.request.method,
          headers: {
            ...headers,
            ...(body.length > 0 ? { 'content-length': body.length } : {}),
            authorization: `Bearer ${flint.key}`,
            'x-provider-key': 'sk-replay-000000000001',
            'x-replay-id': recording.id,
            'x-replay-plan': plan,
            'x-flint-request-id': recording.id,
          },
          body,
        })
        const wanted = await replay.render(
          recording,
          Object.fromEntries(
            plan
              .split(';')
              .filter(Boolean)
              .map((part) => part.split('=') as [string, string]),
          ),
        )
        if (answer.status !== wanted.status) problems.push(`${recording.id}: status ${answer.status}, not ${wanted.status}`)
        const bodiless = wanted.status === 204 || recording.request.method === 'HEAD'
        if (!bodiless && !answer.body.equals(Buffer.concat(wanted.pieces)))
          problems.push(`${recording.id} (${plan}): the body is not the provider's`)
        const got = answer.headers.filter(
          ([name]) => !['date', 'transfer-encoding', 'connection', 'content-length', 'keep-alive'].includes(name),
        )
        const sent = wanted.headers.map(([name, value]) => [name.toLowerCase(), value.trim()] as const).filter(([name]) => name !== 'date')
        if (flat(got).join('\n') !== flat(sent).join('\n'))
          problems.push(
            `${recording.id}: headers differ: ${flat(got).filter((line) => !flat(sent).includes(line))} | ${flat(sent).filter((line) => !flat(got).includes(line))}`,
          )
        const [seen] = await replay.received(recording.id)
        if (!seen?.bodyEqual) problems.push(`${recording.id}: the provider saw another body`)
        if (!seen?.pathEqual) problems.push(`${recording.id}: the provider saw another path: ${seen?.path}`)
        const names = (seen?.rawHeaders ?? []).filter((_, at) => at % 2 === 0).map((name) => name.toLowerCase())
        const strange = names.filter((name) => OURS.test(name) && !(name in headers))
        if (strange.length > 0) problems.push(`${recording.id}: the provider saw ${strange}`)
        const credentials = names.filter((name) => ['authorization', 'x-api-key', 'x-goog-api-key'].includes(name))
        if (credentials.length !== 1 || !seen?.rawHeaders.some((value) => value.endsWith('sk-replay-000000000001')))
          problems.push(`${recording.id}: credentials seen: ${credentials}`)
      }
    }
    await Promise.all([worker(), worker(), worker(), worker()])
    expect(problems).toEqual([])

    // One record each; the claimed id tells which.
    const records = new Map<string, Awaited<ReturnType<FlintUnderTest['records']>>[number]>()
    await until(`${played.length} records`, 30_000, async () => {
      records.clear()
      let cursor: string | null = null
      do {
        const response = await fetch(`${flint.baseUrl}/v1/audit?${cursor ? new URLSearchParams({ cursor }) : 'limit=500'}`, {
          headers: { authorization: `Bearer ${flint.key}` },
        })
        const page = (await response.json()) as { records: Awaited<ReturnType<FlintUnderTest['records']>>; nextCursor: string | null }
        for (const record of page.records) records.set(record.claimedRequestId ?? '', record)
        cursor = page.nextCursor
      } while (cursor)
      return records.size >= played.length
    })
    expect(records.size).toBe(played.length)

    const wrong: string[] = []
    for (const { recording } of played) {
      const record = records.get(recording.id)
      const expected = replay.expected.get(recording.id)
      if (!record || !expected) throw new Error(`${recording.id} has no record or no expected row`)
      const check = (what: string, got: unknown, wanted: unknown) => {
        if (got !== wanted) wrong.push(`${recording.id} ${recording.operation} ${what}: ${got}, not ${wanted}`)
      }
      check('outcome', record.outcome, 'complete')
      check('status', record.status, expected.status)
      check('endpoint', record.endpoint, expected.endpoint)
      check('keyHint', record.keyHint, '...0001')
      if (!READ.has(recording.operation)) continue
      const usage = expected.usage
      check('model', record.model, expected.model)
      check('requestModel', record.requestModel, expected.model_requested)
      check('usageSource', record.usageSource, expected.usage_source)
      check('inputTokens', record.inputTokens, usage?.['input_tokens_total'] ?? null)
      check('outputTokens', record.outputTokens, usage?.['output_tokens_total'] ?? null)
      check('totalTokens', record.totalTokens, usage?.['total_tokens'] ?? null)
      check('cachedInputTokens', record.cachedInputTokens, usage?.['cached_input_tokens'] ?? null)
      check('cacheWriteTokens', record.cacheWriteTokens, usage?.['cache_write_tokens'] ?? null)
      check('cacheWrite5mTokens', record.cacheWrite5mTokens, usage?.['cache_write_5m_tokens'] ?? null)
      check('cacheWrite1hTokens', record.cacheWrite1hTokens, usage?.['cache_write_1h_tokens'] ?? null)
      check('reasoningTokens', record.reasoningTokens, usage?.['reasoning_tokens'] ?? null)
      check('audioInputTokens', record.audioInputTokens, usage?.['audio_input_tokens'] ?? null)
      check('audioOutputTokens', record.audioOutputTokens, usage?.['audio_output_tokens'] ?? null)
      if (expected.cost_usd === null || record.costUsd === null) check('costUsd', record.costUsd, expected.cost_usd)
      else if (Math.abs(record.costUsd - expected.cost_usd) > 1e-6 * expected.cost_usd) check('costUsd', record.costUsd, expected.cost_usd)
    }
    expect(wrong).toEqual([])
  })
})
