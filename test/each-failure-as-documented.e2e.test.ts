import fs from 'node:fs'
import path from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { isAlive, type ListedRecord } from './support/flint.ts'
import { PROVIDER_KEY } from './support/provider-key.ts'
import { rawCall } from './support/raw-http.ts'
import { chatCompletion, startScriptedProvider } from './support/scripted-provider.ts'
import { until } from './support/until.ts'
import { useFlint, useServer } from './support/use-flint.ts'

/*
 * The table of docs/reliability.md, cell by cell: what the caller sees of a failure and what the
 * record says, for the profiles available (openai) and acked (anthropic). All failures happen
 * first, one after the other; the tests then look at what came of each, so that the waits for late
 * records overlap.
 */

type Profile = 'available' | 'acked'
const PROFILES: readonly Profile[] = ['available', 'acked']

/** What a caller saw. */
interface Seen {
  readonly status: number | 'broken'
  readonly whole: boolean
  readonly code: string | null
  readonly text: string
  readonly tookMs: number
  /** Whether the provider got the call. */
  readonly forwarded: boolean
}

const seen = new Map<string, Seen | Error>()

const PLAIN = {
  available: chatCompletion('hello'),
  acked: JSON.stringify({
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'claude-sonnet-4-5-20250929',
    content: [{ type: 'text', text: 'hello' }],
    stop_reason: 'end_turn',
    usage: { input_tokens: 10, output_tokens: 5 },
  }),
}
const PIECES = 30
const event = (profile: Profile, text: string) =>
  profile === 'available'
    ? `data: ${JSON.stringify({ id: 'c', model: 'gpt-4o-2024-08-06', choices: [{ index: 0, delta: { content: text } }] })}\n\n`
    : `event: content_block_delta\ndata: ${JSON.stringify({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } })}\n\n`
const START = `event: message_start\ndata: ${JSON.stringify({ type: 'message_start', message: { id: 'msg_1', model: 'claude-sonnet-4-5-20250929', usage: { input_tokens: 10, output_tokens: 1 } } })}\n\n`
const END = `event: message_delta\ndata: ${JSON.stringify({ type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 5 } })}\n\nevent: message_stop\ndata: {"type":"message_stop"}\n\n`
const FIRST = { available: '', acked: START }
const LAST = { available: 'data: [DONE]\n\n', acked: END }

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
const profileOf = (url: string): Profile => (url.startsWith('/v1/messages') ? 'acked' : 'available')

const provider = useServer(startScriptedProvider)
const flint = useFlint(() => ({
  upstream: provider.url,
  env: { FLINT_PROVIDERS_ANTHROPIC_PROFILE: 'acked', FLINT_SPOOL_MAX_BYTES: String(1024 ** 2) },
}))
beforeAll(async () => {
  provider.answer(async ({ headers, url }, response) => {
    const profile = profileOf(url)
    const plan = headers['x-plan']
    if (plan === 'gone') return void response.destroy()
    if (plan === 'plain')
      return void response
        .writeHead(200, { 'content-type': 'application/json' })
        .end(PLAIN[profile])
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write(FIRST[profile])
    for (let piece = 0; piece < PIECES && !response.destroyed; piece++) {
      response.write(event(profile, `piece ${piece}`))
      await sleep(50)
      if (plan === 'gone midway' && piece === 5) return void response.destroy()
    }
    response.end(LAST[profile])
  })
  for (const name of Object.keys(FAILURES))
    for (const profile of PROFILES) await provoke(name, profile)
}, 240_000)

const claimOf = (failure: string, profile: Profile) => `${failure}: ${profile}`

async function call(
  profile: Profile,
  claim: string,
  plan: 'plain' | 'stream' | 'gone' | 'gone midway',
  onFirstPiece?: () => void,
  signal?: AbortSignal,
): Promise<Seen> {
  const startedAt = performance.now()
  const target = { available: 'openai/chat/completions', acked: 'anthropic/v1/messages' }[profile]
  let first = onFirstPiece
  const answer = await rawCall(`${flint.baseUrl}/v1/proxy/${target}`, {
    body: '{"model":"m","stream":true}',
    headers: {
      authorization: `Bearer ${flint.key}`,
      'x-provider-key': PROVIDER_KEY,
      'content-type': 'application/json',
      'x-flint-request-id': claim,
      ...(claim === RECOVERY ? {} : { 'x-flint-tag-table': 'cell' }),
      'x-call': claim,
      'x-plan': plan,
    },
    onPiece: () => {
      first?.()
      first = undefined
    },
    ...(signal ? { signal } : {}),
  }).catch(() => null)
  const text = answer?.body.toString() ?? ''
  return {
    status: answer?.status ?? 'broken',
    whole: answer?.complete === true,
    code: /"code":"(\w+)"/.exec(text)?.[1] ?? null,
    text: text.slice(0, 500),
    tookMs: performance.now() - startedAt,
    forwarded: provider.received.some(({ headers }) => headers['x-call'] === claim),
  }
}

const kill = async (role: string) => {
  // The supervisor may just be starting it again.
  await until(`${role} to run`, 10_000, () =>
    fs.existsSync(path.join(flint.dataDir, 'run', `${role}.pid`)),
  )
  const pid = flint.pid(role)
  process.kill(pid, 'SIGKILL')
  await until(`${role} to be gone`, 5_000, () => !isAlive(pid))
}
const RECOVERY = 'recovery'
/** Before the next failure everything is well again: a call of each profile passes. */
const recovered = () =>
  until('calls to pass again', 30_000, async () => {
    const answers = await Promise.all(PROFILES.map((profile) => call(profile, RECOVERY, 'plain')))
    await sleep(100)
    return answers.every(({ status }) => status === 200)
  })
const paused = async <T>(role: string, act: (resume: () => void) => Promise<T>): Promise<T> => {
  const pid = flint.pid(role)
  process.kill(pid, 'SIGSTOP')
  const resume = () => void (isAlive(pid) && process.kill(pid, 'SIGCONT'))
  try {
    return await act(resume)
  } finally {
    resume()
  }
}
/** A process finds its spool over the ceiling when it starts. */
const withFullSpool = async <T>(role: string, act: () => Promise<T>): Promise<T> => {
  const filler = path.join(
    flint.dataDir,
    'spool',
    fs.readFileSync(path.join(flint.dataDir, 'instance'), 'utf8').trim(),
    role,
    'filler',
  )
  fs.writeFileSync(filler, Buffer.alloc(2 * 1024 ** 2))
  try {
    await kill(role)
    await until(`${role} to serve with a full spool`, 20_000, async () => {
      await sleep(100)
      return (await flint.metrics()).has(`flint_${role}_spool_rows_total`)
    })
    const view = await act()
    // What is refused is what comes now: the observation, and the log entry after it.
    await sleep(1_500)
    return view
  } finally {
    fs.rmSync(filler)
  }
}

/** Each makes its failure happen around one call and gives what the caller saw. */
const FAILURES: Readonly<Record<string, (profile: Profile, claim: string) => Promise<Seen>>> = {
  async 'gate unreachable'(profile, claim) {
    await kill('gate')
    return call(profile, claim, 'plain')
  },
  'gate slow': (profile, claim) => paused('gate', () => call(profile, claim, 'plain')),
  'gate killed before its reply': (profile, claim) =>
    paused('gate', async () => {
      const answer = call(profile, claim, 'plain')
      await sleep(300)
      await kill('gate')
      return answer
    }),
  'gate killed after its reply': (profile, claim) =>
    call(profile, claim, 'stream', () => void kill('gate')),
  async 'observer unreachable'(profile, claim) {
    await kill('observer')
    return call(profile, claim, 'plain')
  },
  'observer stopped': (profile, claim) => paused('observer', () => call(profile, claim, 'stream')),
  'observer slow': (profile, claim) =>
    paused('observer', (resume) => {
      setTimeout(resume, 700)
      return call(profile, claim, 'plain')
    }),
  'observer killed mid-stream': (profile, claim) =>
    call(profile, claim, 'stream', () => void kill('observer')),
  'ClickHouse down': async (profile, claim) => {
    await kill('clickhouse')
    return call(profile, claim, 'plain')
  },
  "gate's spool full": (profile, claim) =>
    withFullSpool('gate', () => call(profile, claim, 'plain')),
  "observer's spool full": (profile, claim) =>
    withFullSpool('observer', () => call(profile, claim, 'plain')),
  'Envoy killed': (profile, claim) => call(profile, claim, 'stream', () => void kill('envoy')),
  'client gone': (profile, claim) => {
    const leaving = new AbortController()
    return call(profile, claim, 'stream', () => leaving.abort(), leaving.signal)
  },
  'provider gone': (profile, claim) => call(profile, claim, 'gone'),
  'provider gone midway': (profile, claim) => call(profile, claim, 'gone midway'),
}

async function provoke(name: string, profile: Profile): Promise<void> {
  const claim = claimOf(name, profile)
  try {
    await recovered()
    seen.set(claim, (await FAILURES[name]?.(profile, claim)) ?? new Error('no such failure'))
  } catch (error) {
    seen.set(claim, error instanceof Error ? error : new Error('failed'))
  }
}

const WHOLE = { status: 200, whole: true, code: null, forwarded: true }
const UNAVAILABLE = { status: 503, whole: true, code: 'audit_unavailable', forwarded: false }
const CUT = { status: 200, whole: false, forwarded: true }
const COMPLETE = {
  outcome: 'complete',
  status: 200,
  inputTokens: 10,
  outputTokens: 5,
  captureGap: null,
}
const LOST = { outcome: 'capture_lost', inputTokens: null }

interface Cell {
  readonly caller: object
  /**
   * null: no record is listed (nothing was forwarded, or it is not known yet that the call has
   * ended).
   */
  readonly record: object | null
  readonly withinMs?: number
}
const same = (cell: Cell): Readonly<Record<Profile, Cell>> => ({ available: cell, acked: cell })

const DOCUMENTED: Readonly<Record<string, Readonly<Record<Profile, Cell>>>> = {
  'gate unreachable': same({ caller: UNAVAILABLE, record: null }),
  'gate slow': same({ caller: UNAVAILABLE, record: null, withinMs: 7_000 }),
  'gate killed before its reply': same({ caller: UNAVAILABLE, record: null, withinMs: 7_000 }),
  'gate killed after its reply': same({ caller: WHOLE, record: { outcome: 'complete' } }),
  'observer unreachable': {
    available: { caller: WHOLE, record: { ...LOST, status: 200 } },
    acked: { caller: UNAVAILABLE, record: { ...LOST, status: 503 } },
  },
  'observer stopped': {
    available: {
      caller: WHOLE,
      record: { outcome: expect.stringMatching(/^(complete|capture_lost)$/), status: 200 },
      withinMs: 5_000,
    },
    acked: {
      caller: UNAVAILABLE,
      record: { outcome: 'capture_lost', status: 503 },
      withinMs: 9_000,
    },
  },
  'observer slow': {
    available: { caller: WHOLE, record: COMPLETE, withinMs: 500 },
    acked: { caller: WHOLE, record: COMPLETE, withinMs: 2_000 },
  },
  'observer killed mid-stream': {
    available: { caller: WHOLE, record: { outcome: 'capture_lost', status: 200 } },
    acked: { caller: CUT, record: { outcome: 'capture_lost', status: 200 } },
  },
  'ClickHouse down': same({ caller: WHOLE, record: COMPLETE }),
  "gate's spool full": same({ caller: UNAVAILABLE, record: null }),
  "observer's spool full": {
    available: { caller: WHOLE, record: { ...LOST, status: 200 } },
    acked: {
      caller: {
        ...UNAVAILABLE,
        forwarded: true,
        text: expect.stringContaining('the provider was called'),
      },
      record: { ...LOST, status: 503 },
    },
  },
  'Envoy killed': same({
    caller: { whole: false, forwarded: true },
    record: { outcome: 'capture_lost', captureGap: 'stream_lost' },
  }),
  'client gone': same({
    caller: { whole: false, forwarded: true },
    record: { outcome: 'client_aborted' },
  }),
  'provider gone': same({
    caller: { status: 502, whole: true, code: 'upstream_error', forwarded: true },
    record: { outcome: 'upstream_error', status: 502 },
  }),
  'provider gone midway': same({ caller: CUT, record: { outcome: 'upstream_reset', status: 200 } }),
}

async function recordsOf(claim: string): Promise<ListedRecord[]> {
  return (await flint.records({ tag: 'table:cell' })).filter(
    ({ claimedRequestId }) => claimedRequestId === claim,
  )
}

describe.each(Object.entries(DOCUMENTED))('%s', (name, cells) => {
  test.each(PROFILES)('%s', async (profile) => {
    const claim = claimOf(name, profile)
    const { caller, record, withinMs } = cells[profile]
    const view = seen.get(claim)
    if (!view || view instanceof Error) throw view ?? new Error('nothing was done')
    expect(view).toMatchObject(caller)
    if (withinMs !== undefined) expect(view.tookMs).toBeLessThan(withinMs)
    if (record === null) return expect(await recordsOf(claim)).toEqual([])
    await until(`the record of ${claim}`, 40_000, async () => (await recordsOf(claim)).length > 0)
    expect(await recordsOf(claim)).toMatchObject([record])
  })
})
