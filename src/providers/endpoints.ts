import type { Provider } from '../evidence/evidence.ts'
import { anthropic } from './anthropic.ts'
import { gemini } from './gemini.ts'
import { openaiChat } from './openai-chat.ts'
import { openaiResponses } from './openai-responses.ts'
import { passthrough } from './passthrough.ts'
import type { WireFormat } from './wire-format.ts'

interface Endpoint {
  readonly provider: Provider
  readonly path: RegExp
  readonly format: WireFormat
}

/** The endpoints whose answers are read for usage: one more is one more line. All are POST; a GET repeats an earlier bill. */
const ENDPOINTS: readonly Endpoint[] = [
  { provider: 'openai', path: /^\/v1\/chat\/completions\/?$/, format: openaiChat },
  { provider: 'openai', path: /^\/v1\/responses\/?$/, format: openaiResponses },
  { provider: 'anthropic', path: /^\/v1\/messages\/?$/, format: anthropic },
  { provider: 'gemini', path: /\/openai\/chat\/completions\/?$/, format: openaiChat },
  { provider: 'gemini', path: /(:|%3A)(generateContent|streamGenerateContent)$/i, format: gemini },
]

/** POST endpoints that are never on the bill, or are billed by another call's record. */
const FREE: Readonly<Record<Provider, RegExp>> = {
  openai:
    /^\/v1\/(moderations|files|uploads|models|assistants|vector_stores|batches|fine_tuning|skills|conversations|threads(?!.*\/runs)|responses\/input_tokens|responses\/[^/]+\/cancel|threads\/.*\/submit_tool_outputs)(\/|$)/,
  anthropic: /^\/v1\/(messages\/count_tokens|messages\/batches|files|skills|models)(\/|$)/,
  gemini: /(:|%3A)(countTokens|batchGenerateContent)$|\/files(\/|$)|\/upload\//i,
}

/** Where the provider names its own id of the request; Gemini does so in the body. */
const REQUEST_ID_HEADERS: Readonly<Record<Provider, string | null>> = { openai: 'x-request-id', anthropic: 'request-id', gemini: null }

/** The format to read a call by. */
export function wireFormatOf(provider: Provider, method: string, endpoint: string): WireFormat {
  if (method !== 'POST') return passthrough
  return ENDPOINTS.find((known) => known.provider === provider && known.path.test(endpoint))?.format ?? passthrough
}

/** Whether a call that succeeds can be on the bill. */
export function isBillableEndpoint(provider: Provider, method: string, endpoint: string): boolean {
  return method === 'POST' && !FREE[provider].test(endpoint)
}

export function requestIdHeader(provider: Provider): string | null {
  return REQUEST_ID_HEADERS[provider]
}
