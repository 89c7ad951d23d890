import { NOTHING_BILLED } from '../../evidence/bill.ts'
import { NO_USAGE } from '../../evidence/usage.ts'
import type { JsonObject } from '../json/text.ts'
import { knownMembers, unknownMembers, unreadMembers } from '../usage/members.ts'
import type { ParsedUsage } from '../usage/parsed-usage.ts'
import { addAll, tokenCount } from '../usage/token-count.ts'

const KNOWN = knownMembers(['in', 'out', 'from_cache'], {})

/** `in` has the cached tokens in it. */
export function sampleUsage(usage: JsonObject): ParsedUsage {
  const inputTokens = tokenCount(usage.in)
  const outputTokens = tokenCount(usage.out)
  return {
    usage: {
      ...NO_USAGE,
      inputTokens,
      outputTokens,
      totalTokens: addAll(inputTokens, outputTokens),
      cachedInputTokens: tokenCount(usage.from_cache),
    },
    billed: { ...NOTHING_BILLED, unreadUsage: unreadMembers(usage, KNOWN) },
    unknown: unknownMembers(usage, KNOWN),
  }
}
