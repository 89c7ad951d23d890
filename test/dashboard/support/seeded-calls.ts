import { createHash } from 'node:crypto'
import type { Evidence, ObservationEvidence } from '../../../src/evidence/evidence.ts'
import {
  sampleClosing,
  sampleIntent,
  sampleObservation,
  sampleReport,
} from '../../../src/evidence/sample-evidence.ts'
import { NO_USAGE, type TokenUsage, type UsageSource } from '../../../src/evidence/usage.ts'
import type { PriceCall } from '../../../src/pricing/cost.ts'
import { seeded } from '../../chaos/seeded.ts'
import { CALLERS, type CallerProfile, MODELS, type ModelProfile } from './seeded-profiles.ts'

const HOUR_MS = 3_600_000
/** Ways of calls, and how many of a thousand go so. The others are whole. */
const WAYS = {
  left_early: 13,
  refused_by_provider: 7,
  timed_out: 1,
  unreachable: 1,
  rejected: 4,
  reported: 12,
} as const
type Way = keyof typeof WAYS | 'whole' | 'not_observed' | 'stream_lost'
/** One of so many is lost: by number and not by chance, so that a few days have some too. */
const LOST_ONE_OF = { not_observed: 1_300, stream_lost: 2_100 } as const
/** On this day before the last, a provider is overloaded for an hour. */
const OVERLOADED = { daysBeforeEnd: 5, provider: 'anthropic', perThousand: 300 } as const

export interface SeededCallsOptions {
  readonly org: string
  /** Ids by the names of `CALLERS`. */
  readonly keyIds: Readonly<Record<string, string>>
  readonly endMs: number
  readonly days: number
  /** About so many, more by day and on working days. */
  readonly count: number
  readonly price: PriceCall
}

/** The evidence of each call of the days before `endMs`, oldest first: the same at each run. */
export function* seededCalls(options: SeededCallsOptions): Generator<readonly Evidence[]> {
  const random = seeded(7)
  const { endMs, days, count } = options
  const startMs = endMs - days * 24 * HOUR_MS
  const hours = Array.from({ length: days * 24 }, (_, hour) => startMs + hour * HOUR_MS)
  const busyness = hours.map(busynessOf)
  const perUnit = count / busyness.reduce((sum, each) => sum + each, 0)
  let id = 0
  for (const [index, hourMs] of hours.entries()) {
    const calls = Math.round((busyness[index] ?? 0) * perUnit * (0.8 + 0.4 * random()))
    const times = Array.from({ length: calls }, () => Math.floor(hourMs + random() * HOUR_MS))
    for (const createdAtMs of times.sort((one, other) => one - other)) {
      id += 1
      yield seededCall(options, random, createdAtMs, id)
    }
  }
}

/** More by day than by night, less at weekends; UTC. */
function busynessOf(hourMs: number): number {
  const at = new Date(hourMs)
  const byHour = 0.25 + Math.max(0, Math.sin(((at.getUTCHours() - 5) / 15) * Math.PI))
  return at.getUTCDay() % 6 === 0 ? byHour * 0.35 : byHour
}

function seededCall(
  { org, keyIds, endMs, price }: SeededCallsOptions,
  random: () => number,
  createdAtMs: number,
  id: number,
): readonly Evidence[] {
  const call = { org, createdAtMs, id }
  const caller = weighted(random, CALLERS)
  const model = weighted(random, modelsOf(caller))
  const way = wayOf(random, model, { id, beforeEndMs: endMs - createdAtMs })
  const usage = usageOf(random, model)
  const hex = createHash('sha256').update(`call ${id}`).digest('hex')
  const streamed = random() < model.streamed
  const firstByteMs = between(random, model.firstByteMs)
  const answerMs = Math.round((usage.outputTokens ?? 0) * model.msPerToken)
  const who = { provider: model.provider, key_id: keyIds[caller.key] ?? caller.key }
  const asked = { ...who, endpoint: model.endpoint, key_hint: caller.providerKeyHint }
  const intent = sampleIntent(call, {
    ...asked,
    user_agent: caller.userAgent,
    tags: caller.tags[id % caller.tags.length] ?? {},
    trace_id: id % 3 === 0 ? hex.slice(0, 32) : null,
    session_id: caller.userAgent.startsWith('claude') ? `session-${Math.floor(id / 40)}` : null,
    retry_count: random() < 0.02 ? 1 : 0,
  })
  const priced = (of: TokenUsage, source: UsageSource) => {
    const { costUsd, costStatus, priceVersion, costReason } = price({
      ...{ org, provider: model.provider, model: model.answered, usage: of, usageSource: source },
      ...{ serviceTier: null, atMs: createdAtMs },
    })
    return {
      ...{ cost_usd: costUsd, cost_status: costStatus },
      ...{ price_version: priceVersion, cost_reason: costReason },
    }
  }
  const whole: Partial<ObservationEvidence> = {
    ...asked,
    ...{ model: model.answered, request_model: model.requested, stream: streamed },
    ...{ provider_request_id: `req_${hex.slice(0, 16)}`, response_id: hex.slice(-20) },
    ...tokensOf(usage),
    ...priced(usage, 'provider'),
    ...{ request_bytes: 300 + (usage.inputTokens ?? 0) * 4, response_bytes: 600 + answerMs },
    ...{ latency_ms: firstByteMs + answerMs, time_to_first_byte_ms: firstByteMs },
    service_tier: model.provider === 'openai' ? 'default' : null,
  }
  const passed = {
    ...{ ...who, key_hint: caller.providerKeyHint, time_to_first_byte_ms: firstByteMs + 1 },
    ...{ latency_ms: firstByteMs + answerMs + 2, response_bytes: 610 + answerMs },
  }
  const nothing: Partial<ObservationEvidence> = {
    ...{ ...whole, model: null, finish_reason: null, ...tokensOf(NO_USAGE), billable: false },
    ...{ usage_source: 'none', cost_usd: null, cost_status: null, price_version: null },
    cost_reason: null,
  }
  const broken = { ...nothing, response_complete: false, gap: 'call_ended_early' } as const

  switch (way) {
    case 'whole':
      return [intent, sampleObservation(call, whole), sampleClosing(call, passed)]
    case 'left_early': {
      // The provider's count never came: what had been sent by then was counted here.
      const part = { ...usage, outputTokens: Math.ceil((usage.outputTokens ?? 0) / 3) }
      const seen: Partial<ObservationEvidence> = {
        ...{ ...whole, ...tokensOf(part), ...priced(part, 'estimated'), finish_reason: null },
        ...{ usage_source: 'estimated', response_complete: false, gap: 'call_ended_early' },
      }
      const left = { ...passed, latency_ms: firstByteMs + Math.round(answerMs / 3) }
      return [
        intent,
        sampleObservation(call, seen),
        sampleClosing(call, { ...left, response_flags: 'DC', response_code_details: 'downstream' }),
      ]
    }
    case 'refused_by_provider': {
      const status = model.provider === 'anthropic' ? 529 : random() < 0.7 ? 429 : 500
      return [
        intent,
        sampleObservation(call, { ...nothing, status, latency_ms: 90, stream: false }),
        sampleClosing(call, { ...passed, status, latency_ms: 92, time_to_first_byte_ms: 91 }),
      ]
    }
    case 'timed_out':
      return [
        intent,
        sampleObservation(call, { ...broken, status: 504 }),
        sampleClosing(call, {
          ...{ ...passed, status: 504, latency_ms: 600_000, response_flags: 'UT' },
          response_code_details: 'response_timeout',
        }),
      ]
    case 'unreachable':
      return [
        intent,
        sampleObservation(call, { ...broken, status: 503 }),
        sampleClosing(call, {
          ...{ ...passed, status: 503, latency_ms: 31, response_flags: 'UF' },
          response_code_details: 'upstream_reset_before_response_started{connection_failure}',
        }),
      ]
    case 'rejected':
      return [{ ...intent, error_code: 'missing_provider_key', status: 400, key_hint: null }]
    case 'not_observed':
      return [intent, sampleClosing(call, passed)]
    case 'stream_lost':
      return [
        intent,
        sampleObservation(call, { ...nothing, response_complete: false, gap: 'stream_lost' }),
        sampleClosing(call, passed),
      ]
    case 'reported':
      return [
        sampleReport(call, {
          ...{ ...who, endpoint: model.endpoint, model: model.answered, stream: streamed },
          ...{ ...tokensOf(usage), ...priced(usage, 'provider'), tags: intent.tags },
        }),
      ]
  }
}

function modelsOf({ models }: CallerProfile): readonly ModelProfile[] {
  return models === null ? MODELS : MODELS.filter(({ requested }) => models.includes(requested))
}

function wayOf(
  random: () => number,
  { provider }: ModelProfile,
  { id, beforeEndMs }: { readonly id: number; readonly beforeEndMs: number },
): Way {
  if (id % LOST_ONE_OF.not_observed === 600) return 'not_observed'
  if (id % LOST_ONE_OF.stream_lost === 900) return 'stream_lost'
  const overloadedMs = beforeEndMs - OVERLOADED.daysBeforeEnd * 24 * HOUR_MS
  const isOverloaded =
    provider === OVERLOADED.provider && overloadedMs >= 0 && overloadedMs < HOUR_MS
  let drawn = random() * 1_000
  if (isOverloaded && drawn < OVERLOADED.perThousand) return 'refused_by_provider'
  for (const [way, perThousand] of Object.entries(WAYS) as Array<[keyof typeof WAYS, number]>) {
    if (drawn < perThousand) return way
    drawn -= perThousand
  }
  return 'whole'
}

function usageOf(random: () => number, model: ModelProfile): TokenUsage {
  const input = between(random, model.inputTokens)
  const output = model.outputTokens === null ? null : between(random, model.outputTokens)
  return {
    ...NO_USAGE,
    inputTokens: input,
    outputTokens: output,
    totalTokens: input + (output ?? 0),
    cachedInputTokens: random() < 0.5 ? Math.floor(input * model.cached) : 0,
    reasoningTokens: output === null ? null : Math.floor(output * model.reasoning),
  }
}

function tokensOf(usage: TokenUsage) {
  return {
    input_tokens: usage.inputTokens,
    output_tokens: usage.outputTokens,
    total_tokens: usage.totalTokens,
    cached_input_tokens: usage.cachedInputTokens,
    reasoning_tokens: usage.reasoningTokens,
  }
}

/** Small ones are more frequent than large ones. */
function between(random: () => number, [least, most]: readonly [number, number]): number {
  return Math.round(least * (most / least) ** (random() ** 1.6))
}

function weighted<T extends { readonly weight: number }>(
  random: () => number,
  list: readonly T[],
): T {
  let drawn = random() * list.reduce((sum, { weight }) => sum + weight, 0)
  const found = list.find(({ weight }) => {
    drawn -= weight
    return drawn < 0
  })
  const chosen = found ?? list.at(-1)
  if (chosen === undefined) throw new Error('nothing to choose from')
  return chosen
}
