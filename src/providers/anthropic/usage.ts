import type { CallSizes } from '../../evidence/bill.ts'
import { type BilledCall, type BilledShare, NOTHING_BILLED } from '../../evidence/bill.ts'
import { NO_USAGE, type TokenUsage } from '../../evidence/usage.ts'
import { asObject, type JsonObject, objectsOf, shortString } from '../json/text.ts'
import { addUsage } from '../usage/billed-sum.ts'
import { knownMembers, unknownMembers, unreadMembers } from '../usage/members.ts'
import { addAll, addKnown, tokenCount } from '../usage/token-count.ts'

/** Iterations whose tokens the top level leaves out. */
const ON_TOP = ['compaction', 'advisor_message']
const MESSAGE = 'message'
const FALLBACK = 'fallback_message'
const ITERATIONS = [...ON_TOP, MESSAGE, FALLBACK]
const CACHE_WRITES = ['ephemeral_5m_input_tokens', 'ephemeral_1h_input_tokens']
const COUNTS = [
  'input_tokens',
  'cache_creation_input_tokens',
  'cache_read_input_tokens',
  'output_tokens',
]
const KNOWN = knownMembers([...COUNTS, 'service_tier', 'speed', 'inference_geo'], {
  cache_creation: CACHE_WRITES,
  output_tokens_details: ['thinking_tokens'],
  server_tool_use: ['web_search_requests', 'web_fetch_requests'],
  fallback_credit: ['status'],
  iterations: [...COUNTS, 'type', 'model', 'cache_creation', 'output_tokens_details'],
})
/** Where the usual rates apply. */
const USUAL_GEOS = ['global', 'not_available']

/** What the rest of the answer says of its bill. */
export interface AnthropicAnswer {
  readonly stopReason: string | null
  /** Code ran in a container, which is billed by the hour. */
  readonly hasContainer: boolean
}

export interface AnthropicBill {
  /** The model that did the work: of a fallback, not the one that refused. */
  readonly model: string | null
  readonly usage: TokenUsage
  readonly billed: BilledCall
  /** Nothing of it is billed: it was refused before any output. */
  readonly waived: boolean
  readonly unknown: readonly string[]
}

/**
 * What Anthropic's usage object bills. The top level covers the attempt that answered; compaction
 * and advisor iterations come on top of it, and so does each declined attempt that had begun its
 * output, each at the rates of its own model. An attempt refused before any output is not billed,
 * and its counts are informational only
 * (https://platform.claude.com/docs/en/test-and-evaluate/strengthen-guardrails/handle-streaming-refusals).
 */
export function anthropicUsage(
  usage: JsonObject,
  namedModel: string | null,
  { stopReason, hasContainer }: AnthropicAnswer = { stopReason: null, hasContainer: false },
): AnthropicBill {
  const iterations = objectsOf(usage.iterations)
  const lastFallback = iterations.findLastIndex(({ type }) => type === FALLBACK)
  const model = shortString(iterations[lastFallback]?.model) ?? namedModel
  const onTop: BilledShare[] = []
  for (const [index, iteration] of iterations.entries()) {
    if (!isOnTop(iteration, index < lastFallback)) continue
    onTop.push({
      model: shortString(iteration.model) ?? model,
      usage: messageUsage(iteration),
      counts: {},
    })
  }
  const message = messageUsage(usage)
  const isRefused = stopReason === 'refusal' && message.outputTokens === 0
  const webSearches = tokenCount(asObject(usage.server_tool_use)?.web_search_requests)
  const callSizes = sizesOf(iterations.slice(lastFallback + 1), message, webSearches ?? 0)
  const own = {
    model,
    usage: message,
    counts: { webSearches },
    ...(callSizes === null ? {} : { callSizes }),
  }
  const parts = onTop.length === 0 ? [] : isRefused ? onTop : [own, ...onTop]
  const [first, ...others] = parts
  const unreadUsage = [...unreadMembers(usage, KNOWN), ...unreadIterations(iterations)]
  return {
    model,
    usage: others.reduce((sum, part) => addUsage(sum, part.usage), first?.usage ?? message),
    billed: {
      ...NOTHING_BILLED,
      ...{ webSearches, parts, callSizes, unreadUsage },
      terms: unusualTerms(usage),
      uncountedFees: hasContainer ? ['container'] : [],
    },
    waived: isRefused && parts.length === 0,
    unknown: unknownMembers(usage, KNOWN),
  }
}

/** `declined`: the attempt came before the fallback that answered. */
function isOnTop({ type, output_tokens: output }: JsonObject, declined: boolean): boolean {
  if (typeof type !== 'string') return false
  if (ON_TOP.includes(type)) return true
  return declined && (type === MESSAGE || type === FALLBACK) && (tokenCount(output) ?? 0) > 0
}

/**
 * With tools of Anthropic's own, one message is several prompts one after another: their iterations
 * tell how long each was; without them, any of the prompts may have been as long as their sum.
 */
function sizesOf(
  iterations: readonly JsonObject[],
  { inputTokens }: TokenUsage,
  webSearches: number,
): CallSizes | null {
  const prompts = iterations
    .filter(({ type }) => type === MESSAGE)
    .flatMap((one) => messageUsage(one).inputTokens ?? [])
  if (prompts.length > 1) return { least: Math.min(...prompts), most: Math.max(...prompts) }
  return webSearches === 0 || prompts.length === 1 || inputTokens === null
    ? null
    : { least: 0, most: inputTokens }
}

/** An iteration of a kind that no one knows may be on top of the rest, or part of it. */
function unreadIterations(iterations: readonly JsonObject[]): readonly string[] {
  const isUnread = iterations.some(
    ({ type }) => typeof type !== 'string' || !ITERATIONS.includes(type),
  )
  return isUnread ? ['iterations.type'] : []
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
  const speed = shortString(usage.speed)
  const geo = shortString(usage.inference_geo)
  const terms: string[] = []
  if (speed !== null && speed !== 'standard') terms.push(`speed:${speed}`)
  if (geo !== null && !USUAL_GEOS.includes(geo)) terms.push(`inference_geo:${geo}`)
  // The cache is billed as if the model that did the work had had it before: which tokens that
  // moves is not reported.
  if (asObject(asObject(usage.fallback_credit)?.status)?.type === 'redeemed')
    terms.push('fallback_credit:redeemed')
  return terms
}
