import { EXPECTED_BUCKETS } from './expected-buckets.ts'
import type { FlintUnderTest, ListedRecord } from './flint.ts'
import { type RawAnswer, rawCall } from './raw-http.ts'
import type { Expected, Recording } from './recorded-call.ts'
import { bodyOf } from './recorded-calls.ts'
import { finishReasonOf } from './recorded-finish.ts'
import { captureText, hasCompletion, hasPrompt, storedCompletions } from './recorded-text.ts'
import type { Replay } from './replay.ts'
import { until } from './until.ts'

const PREFIX = {
  openai: '/v1/proxy/openai',
  anthropic: '/v1/proxy/anthropic',
  gemini: '/v1/proxy/gemini',
  'gemini-openai-compat': '/v1/proxy/gemini',
  chatgpt: '/v1/proxy/chatgpt',
  azure: '/v1/proxy/azure',
  vertex: '/v1/proxy/vertex',
  bedrock: '/v1/proxy/bedrock',
  'openai-compatible': '/v1/proxy/openai-compatible',
} as const
/** How the replay server cuts and encodes an answer: all mixtures occur. */
const PLANS = ['', 'chunk=event', 'chunk=700;encoding=gzip', 'encoding=original']
export const REPLAY_KEY = 'sk-replay-000000000001'

export interface Played {
  readonly recording: Recording
  readonly plan: string
  readonly answer: RawAnswer
}

export interface PlayOptions {
  /** Keep prompts and answers, and compare them too: thousands of reads more. */
  readonly capture: boolean
}

/**
 * Plays every recording once through Flint; the claimed id of each record is that of the recording.
 */
export async function playAll(
  flint: FlintUnderTest,
  replay: Replay,
  { capture }: PlayOptions,
  onPlayed: (played: Played) => Promise<void> = async () => {},
): Promise<void> {
  if (capture) {
    // A call that costs nothing, so that no total changes.
    const probe = replay.recordings.find(({ operation }) => operation === 'models.get')
    if (!probe) throw new Error('no recording of models.get to probe with')
    await captureText(flint, (claim) => playOne(flint, probe, '', claim))
  }
  const queue = replay.recordings.map((recording, index) => ({
    recording,
    plan: PLANS[index % PLANS.length] ?? '',
  }))
  const worker = async () => {
    for (let next = queue.shift(); next; next = queue.shift())
      await onPlayed({ ...next, answer: await playOne(flint, next.recording, next.plan) })
  }
  await Promise.all([worker(), worker(), ...(capture ? [] : [worker(), worker()])])
}

function playOne(
  flint: FlintUnderTest,
  recording: Recording,
  plan: string,
  claim = recording.id,
): Promise<RawAnswer> {
  const { provider, request } = recording
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(request.headers))
    if (!/^(connection|transfer-encoding|accept-encoding)$/i.test(name))
      headers[name] = String(value)
  const body = bodyOf(request)
  const path = provider === 'openai' ? request.path.replace(/^\/v1\//, '/') : request.path
  return rawCall(flint.baseUrl + PREFIX[provider] + path, {
    method: request.method,
    headers: {
      ...headers,
      ...(body.length > 0 ? { 'content-length': body.length } : {}),
      authorization: `Bearer ${flint.key}`,
      'x-provider-key': REPLAY_KEY,
      'x-replay-id': recording.id,
      'x-replay-plan': plan,
      'x-flint-request-id': claim,
    },
    body,
  })
}

/** One recording beside what became of it. */
export interface Outcome {
  readonly recording: Recording
  readonly expected: Expected
  readonly record: ListedRecord
  readonly comparisons: readonly Comparison[]
}

/** The record of every recording, compared, once all are there; fails where a call has two. */
export async function outcomesOf(
  flint: FlintUnderTest,
  replay: Replay,
  { capture }: PlayOptions,
): Promise<readonly Outcome[]> {
  const records = await recordsByRecording(flint, replay)
  const reported = replay.recordings
    .filter(hasCompletion)
    .flatMap(({ id }) => records.get(id) ?? [])
  const completions = await storedCompletions(flint, capture ? reported : [])
  return replay.recordings.map((recording) => {
    const record = records.get(recording.id)
    const expected = replay.expected.get(recording.id)
    if (!record || !expected) throw new Error(`${recording.id} has no record or no expected row`)
    return {
      recording,
      expected,
      record,
      comparisons: [
        ...compare(recording, expected, record),
        ...(capture
          ? compareText(recording, expected, record, completions.get(recording.id) ?? null)
          : []),
      ],
    }
  })
}

async function recordsByRecording(
  flint: FlintUnderTest,
  replay: Replay,
): Promise<ReadonlyMap<string, ListedRecord>> {
  const ids = new Set(replay.recordings.map(({ id }) => id))
  const records = new Map<string, ListedRecord>()
  await until(`${ids.size} records`, 60_000, async () => {
    records.clear()
    let cursor: string | null = null
    do {
      const response = await fetch(
        `${flint.baseUrl}/v1/audit?${cursor ? new URLSearchParams({ cursor }) : 'limit=500'}`,
        {
          headers: { authorization: `Bearer ${flint.key}` },
        },
      )
      const page = (await response.json()) as { records: ListedRecord[]; nextCursor: string | null }
      for (const record of page.records) {
        const id = record.claimedRequestId ?? ''
        if (records.has(id)) throw new Error(`two records of ${id}`)
        if (ids.has(id)) records.set(id, record)
      }
      cursor = page.nextCursor
    } while (cursor)
    return records.size === ids.size
  })
  return records
}

/**
 * One comparison of a record with what is expected of it; `isExact` null where nothing is expected.
 */
export interface Comparison {
  readonly field: string
  readonly got: unknown
  readonly wanted: unknown
  readonly isExact: boolean | null
}

/**
 * Every field of a record beside the expected one. Where the provider reported no usage, Flint may have
 * counted it (`estimated`), and a run's usage may have come from its polls by now: then no number
 * is expected of that call.
 */
function compare(
  recording: Recording,
  expected: Expected,
  record: ListedRecord,
): readonly Comparison[] {
  const finishReason = finishReasonOf(recording)
  const isOrder =
    !expected.billable && record.billable === true && /\/runs$/.test(expected.endpoint)
  const isCounted =
    expected.usage_source !== 'provider' && (record.usageSource === 'estimated' || isOrder)
  const buckets = Object.entries(EXPECTED_BUCKETS).map(([field, name]) => {
    const got = record[field as keyof typeof EXPECTED_BUCKETS]
    return isCounted ? unexpected(field, got) : compared(field, got, expected.usage?.[name] ?? null)
  })
  const isPriced = expected.cost_usd !== null && record.costUsd !== null
  const cost =
    isPriced &&
    Math.abs((record.costUsd ?? 0) - (expected.cost_usd ?? 0)) <= 1e-6 * (expected.cost_usd ?? 0)
  return [
    compared('status', record.status, expected.status),
    compared('endpoint', record.endpoint, expected.endpoint),
    compared('stream', record.stream ?? false, expected.stream),
    compared('model', record.model, expected.model),
    compared('requestModel', record.requestModel, expected.model_requested),
    isOrder
      ? unexpected('billable', record.billable)
      : compared('billable', record.billable, expected.billable),
    isCounted
      ? unexpected('usageSource', record.usageSource)
      : compared('usageSource', record.usageSource, expected.usage_source),
    ...buckets,
    isCounted || !expected.cost_certain
      ? unexpected('costUsd', record.costUsd)
      : {
          ...compared('costUsd', record.costUsd, expected.cost_usd),
          isExact: cost || record.costUsd === expected.cost_usd,
        },
    finishReason === null
      ? unexpected('finishReason', record.finishReason)
      : compared('finishReason', record.finishReason, finishReason),
  ]
}

function compareText(
  recording: Recording,
  expected: Expected,
  record: ListedRecord,
  completion: string | null,
): readonly Comparison[] {
  return [
    hasPrompt(recording)
      ? compared('promptHash', record.promptHash, expected.prompt_text_sha256)
      : unexpected('promptHash', record.promptHash),
    // An answer without visible text (tool calls only) is '' there and null here.
    hasCompletion(recording)
      ? compared('completion', completion ?? '', expected.completion_text ?? '')
      : unexpected('completion', completion),
  ]
}

function compared(field: string, got: unknown, wanted: unknown): Comparison {
  return { field, got, wanted, isExact: got === wanted }
}

function unexpected(field: string, got: unknown): Comparison {
  return { field, got, wanted: null, isExact: null }
}
