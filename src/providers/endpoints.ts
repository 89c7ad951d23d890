import type { Provider } from '../evidence/evidence.ts'
import { anthropic } from './anthropic/endpoints/messages.ts'
import { anthropicBatchResults, openaiBatchResults } from './batch-results.ts'
import { geminiBatch, geminiBatchResults } from './gemini/batch.ts'
import { gemini } from './gemini/endpoints/generate.ts'
import { geminiCachedContent, geminiEmbeddings, geminiInteractions } from './gemini/endpoints/others.ts'
import { openaiChat, openaiCompletions } from './openai/endpoints/chat.ts'
import { openaiAudio, openaiBatch, openaiEmbeddings, openaiImages, openaiRun } from './openai/endpoints/others.ts'
import { openaiResponses } from './openai/endpoints/responses.ts'
import { openaiUsage } from './openai/usage.ts'
import { byShape, geminiByShape, geminiPassthrough, passthrough } from './passthrough.ts'
import { lastUsageFormat } from './usage/last-usage.ts'
import type { WireFormat } from './wire-format.ts'

/** What a call that succeeds may be: on its own bill, on none (or on another call's), or on its own where it waits for the work in a stream. */
type Billing = 'billed' | 'free' | 'streamed'

interface Endpoint {
  readonly provider: Provider
  readonly path: RegExp
  readonly format: WireFormat
  readonly billing: Billing
}

const anthropicComplete = lastUsageFormat({ name: 'anthropic-complete', finish: 'stop_reason', read: openaiUsage })

/**
 * The endpoints Flint knows, the first that matches counts: one more is one more line. Only a POST can be on the bill; a GET
 * repeats what an earlier call is billed for.
 */
const ENDPOINTS: readonly Endpoint[] = [
  openai('/chat/completions', openaiChat, 'billed'),
  openai('/chat/completions/.+', openaiChat, 'free'),
  openai('/responses(/compact)?', openaiResponses, 'billed'),
  openai('/responses/input_tokens', passthrough, 'free'),
  openai('/responses/[^/]+(/cancel)?', openaiResponses, 'free'),
  openai('/completions', openaiCompletions, 'billed'),
  openai('/embeddings', openaiEmbeddings, 'billed'),
  openai('/images/(generations|edits|variations)', openaiImages, 'billed'),
  openai('/audio/(transcriptions|translations|speech)', openaiAudio, 'billed'),
  openai('/batches(/[^/]+(/cancel)?)?', openaiBatch, 'free'),
  openai('/files/[^/]+/content', openaiBatchResults, 'free'),
  openai('/threads/([^/]+/)?runs(/[^/]+(/cancel|/submit_tool_outputs)?)?', openaiRun, 'streamed'),
  openai('/videos(/edits|/extensions|/[^/]+/remix)?', passthrough, 'billed'),
  openai('/(moderations|files|uploads|models|videos|realtime|audio|vector_stores|fine_tuning|evals|containers)(/.*)?', passthrough, 'free'),
  openai('/(assistants|threads|skills|conversations|chatkit|organization|projects|responses|prompts)(/.*)?', passthrough, 'free'),

  at('anthropic', /^\/v1\/messages\/?$/, anthropic, 'billed'),
  at('anthropic', /^\/v1\/chat\/completions\/?$/, openaiChat, 'billed'),
  at('anthropic', /^\/v1\/complete\/?$/, anthropicComplete, 'billed'),
  at('anthropic', /^\/v1\/messages\/batches\/[^/]+\/results$/, anthropicBatchResults, 'free'),
  at(
    'anthropic',
    /^\/v1\/(messages\/count_tokens|messages\/batches|files|skills|models|organizations|user_profiles|tunnels)(\/|$)/,
    passthrough,
    'free',
  ),
  // Managed agents work on their own: each answer repeats what the session used so far, and no call is the one that used it.
  at(
    'anthropic',
    /^\/v1\/(agents|sessions|environments|vaults|memory_stores|deployments|deployment_runs|dreams)(\/|$)/,
    passthrough,
    'free',
  ),

  at('gemini', /\/openai\/chat\/completions\/?$/, openaiChat, 'billed'),
  at('gemini', /\/openai\/embeddings\/?$/, openaiEmbeddings, 'billed'),
  at('gemini', /\/openai\/images\/generations\/?$/, openaiImages, 'billed'),
  at('gemini', /\/openai\/batches(\/[^/]+(\/cancel)?)?$/, openaiBatch, 'free'),
  at('gemini', /\/openai\/files\/[^/]+\/content$/, openaiBatchResults, 'free'),
  at('gemini', /\/openai\/(models|files)(\/|$)/, passthrough, 'free'),
  at('gemini', /(:|%3A)(generateContent|streamGenerateContent)$/i, gemini, 'billed'),
  at('gemini', /(:|%3A)(embedContent|batchEmbedContents|embedText|batchEmbedText)$/i, geminiEmbeddings, 'billed'),
  at('gemini', /(:|%3A)\w{0,16}batch\w{1,32}Content$/i, geminiBatch, 'free'),
  at('gemini', /^\/v1\w{0,16}\/batches\/[^/:]+$/, geminiBatch, 'free'),
  at('gemini', /^(\/download)?\/v1\w{0,16}\/files\/[^/:]+:download$/, geminiBatchResults, 'free'),
  at('gemini', /(:|%3A)(countTokens|countTextTokens|countMessageTokens|computeTokens)$/i, geminiPassthrough, 'free'),
  at('gemini', /(:|%3A)(predict|predictLongRunning)$/i, geminiPassthrough, 'billed'),
  at('gemini', /^\/v1(alpha|beta)\/cachedContents\/?$/, geminiCachedContent, 'billed'),
  at('gemini', /\/interactions\/?$/, geminiInteractions, 'billed'),
  at('gemini', /\/interactions\/[^/]+(\/cancel)?$/, geminiInteractions, 'free'),
  at('gemini', /^\/ws\//, passthrough, 'free'),
  at('gemini', /\/upload\//, passthrough, 'free'),
  at('gemini', /^\/v1\w{0,16}\/(models|tunedModels)(\/[^:]*)?$/i, passthrough, 'free'),
  at(
    'gemini',
    /^\/v1\w{0,16}\/(files|cachedContents|batches|operations|corpora|fileSearchStores|auth_tokens|tuningJobs)([/:]|$)/,
    passthrough,
    'free',
  ),
  at('gemini', /^\/v1\w{0,16}\/(agents|credentials|environments|triggers|voices|webhooks)([/:]|$)/, passthrough, 'free'),
]

/** Where the provider names its own id of the request; Gemini does so in the body. */
const REQUEST_ID_HEADERS: Readonly<Record<Provider, string | null>> = { openai: 'x-request-id', anthropic: 'request-id', gemini: null }

/** How to read a call of an endpoint, and who is billed for it. */
export interface EndpointKnowledge {
  readonly format: WireFormat
  readonly known: boolean
  /** Whether a call that succeeds can be on the bill. */
  isBillable(streamed: boolean): boolean
}

export function endpointOf(provider: Provider, method: string, endpoint: string): EndpointKnowledge {
  const known = ENDPOINTS.find((candidate) => candidate.provider === provider && candidate.path.test(endpoint))
  const billing = method === 'POST' ? (known?.billing ?? 'billed') : 'free'
  return {
    format: known?.format ?? (provider === 'gemini' ? geminiByShape : byShape),
    known: known !== undefined,
    isBillable: (streamed) => billing === 'billed' || (billing === 'streamed' && streamed),
  }
}

export function requestIdHeader(provider: Provider): string | null {
  return REQUEST_ID_HEADERS[provider]
}

function openai(path: string, format: WireFormat, billing: Billing): Endpoint {
  return at('openai', new RegExp(`^/v1${path}/?$`), format, billing)
}

function at(provider: Provider, path: RegExp, format: WireFormat, billing: Billing): Endpoint {
  return { provider, path, format, billing }
}
