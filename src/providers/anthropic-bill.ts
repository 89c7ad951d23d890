import { NO_USAGE, type TokenUsage } from '../evidence/usage.ts'
import { addUsage } from './billed-sum.ts'
import { type BilledExtras, NO_EXTRAS, type UsagePart } from './exchange-facts.ts'
import { asObject, asWord, type JsonObject } from './json-text.ts'
import { addAll, addKnown, tokenCount } from './token-count.ts'
import { knownMembers, unknownMembers } from './usage-members.ts'

/** Iterations whose tokens the top level leaves out. */
const ON_TOP = ['compaction', 'advisor_message']
const CACHE_WRITES = ['ephemeral_5m_input_tokens', 'ephemeral_1h_input_tokens']
const COUNTS = ['input_tokens', 'cache_creation_input_tokens', 'cache_read_input_tokens', 'output_tokens']
const KNOWN = knownMembers([...COUNTS, 'service_tier', 'speed', 'inference_geo'], {
  cache_creation: CACHE_WRITES,
  output_tokens_details: ['thinking_tokens'],
  server_tool_use: ['web_search_requests', 'web_fetch_requests'],
  fallback_credit: ['status'],
  iterations: [...COUNTS, 'type', 'model', 'cache_creation', 'output_tokens_details'],
})
/** Where the usual rates apply. */
const USUAL_GEOS = ['global', 'not_available']

export interface AnthropicBill {
  /** The model that did the work: of a fallback, not the one that refused. */
  readonly model: string | null
  readonly usage: TokenUsage
  readonly billed: BilledExtras
  readonly unknown: readonly string[]
}

/**
 * What Anthropic's usage object bills. The top level covers the message itself; compaction and advisor iterations come on
 * top of it, each at the rates of its own model.
 */
export function anthropicBill(usage: JsonObject, namedModel: string | null): AnthropicBill {
  const iterations = Array.isArray(usage.iterations) ? usage.iterations.map(asObject) : []
  const fallback = iterations.findLast((iteration) => iteration?.type === 'fallback_message')
  const model = asWord(fallback?.model) ?? namedModel
  const message = messageUsage(usage)
  const onTop: UsagePart[] = []
  for (const iteration of iterations) {
    if (iteration === null || typeof iteration.type !== 'string' || !ON_TOP.includes(iteration.type)) continue
    onTop.push({ model: asWord(iteration.model) ?? model, usage: messageUsage(iteration) })
  }
  const parts = onTop.length === 0 ? [] : [{ model, usage: message }, ...onTop]
  const webSearches = tokenCount(asObject(usage.server_tool_use)?.web_search_requests)
  const terms = unusualTerms(usage)
  const isPlain = parts.length === 0 && webSearches === null && terms.length === 0
  return {
    model,
    usage: onTop.reduce((sum, part) => addUsage(sum, part.usage), message),
    billed: isPlain ? NO_EXTRAS : { ...NO_EXTRAS, webSearches, parts, terms },
    unknown: unknownMembers(usage, KNOWN),
  }
}

/** Unlike with the others, the cached parts are not inside input_tokens. */
function messageUsage(usage: JsonObject): TokenUsage {
  const uncached = tokenCount(usage.input_tokens)
  const written = tokenCount(usage.cache_creation_input_tokens)
  const read = tokenCount(usage.cache_read_input_tokens)
  const input = uncached === null ? null : addKnown(uncached, written, read)
  const output = tokenCount(usage.output_tokens)
  const writes = asObject(usage.cache_creation)
  return {
    ...NO_USAGE,
    inputTokens: input,
    outputTokens: output,
    totalTokens: addAll(input, output),
    cachedInputTokens: read,
    cacheWriteTokens: written,
    cacheWrite5mTokens: tokenCount(writes?.ephemeral_5m_input_tokens),
    cacheWrite1hTokens: tokenCount(writes?.ephemeral_1h_input_tokens),
    reasoningTokens: tokenCount(asObject(usage.output_tokens_details)?.thinking_tokens),
  }
}

function unusualTerms(usage: JsonObject): string[] {
  const speed = asWord(usage.speed)
  const geo = asWord(usage.inference_geo)
  const terms: string[] = []
  if (speed !== null && speed !== 'standard') terms.push(`speed:${speed}`)
  if (geo !== null && !USUAL_GEOS.includes(geo)) terms.push(`inference_geo:${geo}`)
  // The cache is billed as if the model that did the work had had it before: which tokens that moves is not told.
  if (asObject(asObject(usage.fallback_credit)?.status)?.type === 'redeemed') terms.push('fallback_credit:redeemed')
  return terms
}
