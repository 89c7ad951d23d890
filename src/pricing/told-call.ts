import { PROVIDERS } from '../evidence/evidence.ts'
import type { TokenUsage, UsageSource } from '../evidence/usage.ts'
import type { BilledParts } from './components.ts'
import type { BilledCall, CallToPrice } from './cost.ts'

type Row = Readonly<Record<string, unknown>>

/** What is priced of a call, out of the columns of its evidence; null where it cannot be on the bill. */
export function toldCall(told: Row): Omit<CallToPrice, 'org' | 'atMs'> | null {
  const provider = PROVIDERS.find((name) => name === told.provider)
  // Before the column was there, a call without a cost status was one that cannot be on the bill.
  const billable = told.billable === null ? told.cost_status !== null : told.billable === true
  if (provider === undefined || !billable) return null
  return {
    provider,
    model: text(told.model),
    usage: usageOf(told),
    usageSource: sourceOf(told.usage_source),
    serviceTier: text(told.service_tier),
    billed: billedOf(text(told.billed)),
    billable,
  }
}

function usageOf(told: Row): TokenUsage {
  return {
    inputTokens: number(told.input_tokens),
    outputTokens: number(told.output_tokens),
    totalTokens: number(told.total_tokens),
    cachedInputTokens: number(told.cached_input_tokens),
    cacheWriteTokens: number(told.cache_write_tokens),
    cacheWrite5mTokens: number(told.cache_write_5m_tokens),
    cacheWrite1hTokens: number(told.cache_write_1h_tokens),
    reasoningTokens: number(told.reasoning_tokens),
    audioInputTokens: number(told.audio_input_tokens),
    audioOutputTokens: number(told.audio_output_tokens),
  }
}

const SOURCES: readonly UsageSource[] = ['provider', 'estimated', 'partial', 'none']

function sourceOf(value: unknown): UsageSource {
  return SOURCES.find((source) => source === value) ?? 'none'
}

/** The column `billed`: only members that say something. */
function billedOf(json: string | null): BilledCall {
  const told: Row = json === null ? {} : asRow(JSON.parse(json))
  const parts: BilledParts = {
    webSearches: number(told.webSearches),
    imageInputTokens: number(told.imageInputTokens),
    imageOutputTokens: number(told.imageOutputTokens),
    videoInputTokens: number(told.videoInputTokens),
    videoOutputTokens: number(told.videoOutputTokens),
    cachedAudioInputTokens: number(told.cachedAudioInputTokens),
    cachedImageInputTokens: number(told.cachedImageInputTokens),
    audioSeconds: number(told.audioSeconds),
  }
  return {
    ...parts,
    parts: list(told.parts)
      .map(asRow)
      .map((part) => ({ model: text(part.model), usage: partUsage(asRow(part.usage)) })),
    terms: list(told.terms).filter((term) => typeof term === 'string'),
  }
}

/** Within `billed` the buckets have the names of the record. */
function partUsage(usage: Row): TokenUsage {
  return {
    inputTokens: number(usage.inputTokens),
    outputTokens: number(usage.outputTokens),
    totalTokens: number(usage.totalTokens),
    cachedInputTokens: number(usage.cachedInputTokens),
    cacheWriteTokens: number(usage.cacheWriteTokens),
    cacheWrite5mTokens: number(usage.cacheWrite5mTokens),
    cacheWrite1hTokens: number(usage.cacheWrite1hTokens),
    reasoningTokens: number(usage.reasoningTokens),
    audioInputTokens: number(usage.audioInputTokens),
    audioOutputTokens: number(usage.audioOutputTokens),
  }
}

function asRow(value: unknown): Row {
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {}
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

function number(value: unknown): number | null {
  return typeof value === 'number' ? value : null
}

function text(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}
