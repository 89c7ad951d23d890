import { NOTHING_BILLED } from '../../evidence/bill.ts'
import { NO_USAGE } from '../../evidence/usage.ts'
import { type JsonObject, objectsOf } from '../json/text.ts'
import { knownMembers, unknownMembers, unreadMembers } from '../usage/members.ts'
import type { ParsedUsage } from '../usage/parsed-usage.ts'
import { addAll, addKnown, tokenCount } from '../usage/token-count.ts'

/** Counts under one of their names; a model's own body and Converse spell them differently. */
const INPUT = ['inputTokens', 'inputTokenCount', 'prompt_token_count', 'inputTextTokenCount']
const OUTPUT = [
  'outputTokens',
  'outputTokenCount',
  'generation_token_count',
  'totalOutputTextTokenCount',
]
const READ = ['cacheReadInputTokens', 'cacheReadInputTokenCount']
const WRITTEN = ['cacheWriteInputTokens', 'cacheWriteInputTokenCount']
/** Of `amazon-bedrock-invocationMetrics`, in milliseconds. */
const TIMES = ['invocationLatency', 'firstByteLatency']
const KNOWN = knownMembers(
  [...INPUT, ...OUTPUT, ...READ, ...WRITTEN, ...TIMES, 'totalTokens', 'serverToolUsage'],
  { cacheDetails: ['inputTokens', 'ttl'] },
)

/**
 * Any object with counts of Bedrock's own: `usage` of Converse and of Nova, the metrics of a
 * stream, the counts of Llama and Titan. "The inputTokens field represents only the non-cached
 * input tokens": what was read from the cache and written to it comes on top
 * (https://docs.aws.amazon.com/bedrock/latest/userguide/prompt-caching.html).
 */
export function bedrockUsage(usage: JsonObject): ParsedUsage {
  const uncached = firstCount(usage, INPUT)
  const read = firstCount(usage, READ)
  const written = firstCount(usage, WRITTEN)
  const input = uncached === null ? null : addKnown(uncached, read, written)
  const output = firstCount(usage, OUTPUT)
  return {
    usage: {
      ...NO_USAGE,
      inputTokens: input,
      outputTokens: output,
      totalTokens: addAll(input, output),
      cachedInputTokens: read,
      cacheWriteTokens: written,
      cacheWrite5mTokens: writtenFor(usage, '5m'),
      cacheWrite1hTokens: writtenFor(usage, '1h'),
    },
    billed: { ...NOTHING_BILLED, unreadUsage: unreadMembers(usage, KNOWN) },
    unknown: unknownMembers(usage, KNOWN),
  }
}

function firstCount(usage: JsonObject, names: readonly string[]): number | null {
  for (const name of names) {
    const count = tokenCount(usage[name])
    if (count !== null) return count
  }
  return null
}

/** https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_CacheDetail.html */
function writtenFor(usage: JsonObject, ttl: string): number | null {
  return addKnown(
    ...objectsOf(usage.cacheDetails).map((detail) =>
      detail.ttl === ttl ? tokenCount(detail.inputTokens) : null,
    ),
  )
}
