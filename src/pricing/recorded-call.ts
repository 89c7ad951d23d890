import type { BilledCall, BilledParts, BilledShare, CallSizes } from '../evidence/bill.ts'
import type { TokenUsage, UsageSource } from '../evidence/usage.ts'
import { providerNamed } from '../providers/registry.ts'
import type { CallToPrice } from './cost.ts'

type Row = Readonly<Record<string, unknown>>

/**
 * What is priced of a call, out of the columns of its evidence; null where it cannot be on the
 * bill.
 */
export function recordedCall(told: Row): Omit<CallToPrice, 'org' | 'atMs'> | null {
  const provider = providerNamed(told.provider)
  // Before the column was there, a call without a cost status was one that cannot be on the bill.
  const billable = told.billable === null ? told.cost_status !== null : told.billable === true
  if (provider === undefined || !billable) return null
  return {
    provider,
    model: text(told.model),
    usage: usageOf(told, columnOf),
    usageSource: sourceOf(told.usage_source),
    serviceTier: text(told.service_tier),
    billed: billedOf(text(told.billed)),
    billable,
  }
}

/**
 * Buckets by their names in the record (`inputTokens`), or by those of the columns
 * (`input_tokens`).
 */
function usageOf(told: Row, nameOf: (bucket: keyof TokenUsage) => string): TokenUsage {
  const count = (bucket: keyof TokenUsage) => number(told[nameOf(bucket)])
  return {
    inputTokens: count('inputTokens'),
    outputTokens: count('outputTokens'),
    totalTokens: count('totalTokens'),
    cachedInputTokens: count('cachedInputTokens'),
    cacheWriteTokens: count('cacheWriteTokens'),
    cacheWrite5mTokens: count('cacheWrite5mTokens'),
    cacheWrite1hTokens: count('cacheWrite1hTokens'),
    reasoningTokens: count('reasoningTokens'),
    audioInputTokens: count('audioInputTokens'),
    audioOutputTokens: count('audioOutputTokens'),
  }
}

function columnOf(bucket: string): string {
  return bucket.replace(/[A-Z]|5m|1h/g, (part) => `_${part.toLowerCase()}`)
}

const SOURCES: readonly UsageSource[] = ['provider', 'estimated', 'partial', 'none']

function sourceOf(value: unknown): UsageSource {
  return SOURCES.find((source) => source === value) ?? 'none'
}

/** The column `billed`: only members that say something. */
function billedOf(json: string | null): BilledCall {
  const told: Row = json === null ? {} : asRow(JSON.parse(json))
  return {
    ...countsOf(told),
    parts: list(told.parts).map(asRow).map(shareOf),
    terms: texts(told.terms),
    callSizes: sizesOf(told.callSizes),
    uncountedFees: texts(told.uncountedFees),
    unreadUsage: texts(told.unreadUsage),
  }
}

function shareOf({ model, usage, audioSeconds, counts, callSizes }: Row): BilledShare {
  const sizes = sizesOf(callSizes)
  return {
    model: text(model),
    usage: usageOf(asRow(usage), (bucket) => bucket),
    ...(typeof audioSeconds === 'number' ? { audioSeconds } : {}),
    ...(counts === undefined ? {} : { counts: countsOf(asRow(counts)) }),
    ...(sizes === null ? {} : { callSizes: sizes }),
  }
}

function countsOf(told: Row): BilledParts {
  return {
    webSearches: number(told.webSearches),
    groundedPrompts: number(told.groundedPrompts),
    fileSearches: number(told.fileSearches),
    imageInputTokens: number(told.imageInputTokens),
    imageOutputTokens: number(told.imageOutputTokens),
    videoInputTokens: number(told.videoInputTokens),
    videoOutputTokens: number(told.videoOutputTokens),
    cachedAudioInputTokens: number(told.cachedAudioInputTokens),
    cachedImageInputTokens: number(told.cachedImageInputTokens),
    audioSeconds: number(told.audioSeconds),
  }
}

function sizesOf(value: unknown): CallSizes | null {
  const { least, most } = asRow(value)
  return typeof least === 'number' && typeof most === 'number' ? { least, most } : null
}

function texts(value: unknown): readonly string[] {
  return list(value).filter((entry) => typeof entry === 'string')
}

function asRow(value: unknown): Row {
  return typeof value === 'object' && value !== null
    ? Object.fromEntries(Object.entries(value))
    : {}
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
