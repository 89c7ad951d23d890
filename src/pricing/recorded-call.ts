import type { BilledCall, BilledParts, BilledShare, CallSizes } from '../evidence/bill.ts'
import { isProviderName } from '../evidence/provider-name.ts'
import type { TokenUsage, UsageSource } from '../evidence/usage.ts'
import type { CallToPrice } from './cost.ts'

type Row = Readonly<Record<string, unknown>>

/**
 * What is priced of a call, out of the columns of its evidence; null where it cannot be on the
 * bill.
 */
export function recordedCall(row: Row): Omit<CallToPrice, 'org' | 'atMs'> | null {
  const { provider } = row
  // Before the column was there, a call without a cost status was one that cannot be on the bill.
  const billable = row.billable === null ? row.cost_status !== null : row.billable === true
  if (!isProviderName(provider) || !billable) return null
  return {
    provider,
    model: text(row.model),
    usage: usageOf(row, columnOf),
    usageSource: sourceOf(row.usage_source),
    serviceTier: text(row.service_tier),
    billed: billedOf(text(row.billed)),
    billable,
  }
}

/**
 * Buckets by their names in the record (`inputTokens`), or by those of the columns
 * (`input_tokens`).
 */
function usageOf(row: Row, nameOf: (bucket: keyof TokenUsage) => string): TokenUsage {
  const count = (bucket: keyof TokenUsage) => number(row[nameOf(bucket)])
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
  const row: Row = json === null ? {} : asRow(JSON.parse(json))
  return {
    ...countsOf(row),
    parts: list(row.parts).map(asRow).map(shareOf),
    terms: texts(row.terms),
    callSizes: sizesOf(row.callSizes),
    uncountedFees: texts(row.uncountedFees),
    unreadUsage: texts(row.unreadUsage),
    ...(typeof row.reportedCostUsd === 'number' ? { reportedCostUsd: row.reportedCostUsd } : {}),
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

function countsOf(row: Row): BilledParts {
  return {
    webSearches: number(row.webSearches),
    groundedPrompts: number(row.groundedPrompts),
    fileSearches: number(row.fileSearches),
    imageInputTokens: number(row.imageInputTokens),
    imageOutputTokens: number(row.imageOutputTokens),
    videoInputTokens: number(row.videoInputTokens),
    videoOutputTokens: number(row.videoOutputTokens),
    cachedAudioInputTokens: number(row.cachedAudioInputTokens),
    cachedImageInputTokens: number(row.cachedImageInputTokens),
    audioSeconds: number(row.audioSeconds),
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
