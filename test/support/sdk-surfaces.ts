import Anthropic from '@anthropic-ai/sdk'
import { type Content, GoogleGenAI } from '@google/genai'
import OpenAI from 'openai'

/** One way to call a provider with its official SDK. */
export type Surface =
  | 'chat.completions'
  | 'responses'
  | 'gemini-compatible chat.completions'
  | 'messages'
  | 'generateContent'
  | 'streamGenerateContent'

/**
 * Where an SDK is pointed and what it is given: the whole difference between a direct call and one
 * through Flint.
 */
export interface SdkTarget {
  /** Origin of the provider, or of Flint. */
  readonly origin: string
  readonly throughFlint: boolean
  readonly apiKey: string
  readonly headers: Readonly<Record<string, string>>
  readonly maxRetries?: number
}

export interface SdkRequest {
  /**
   * Path as the provider sees it: names the Gemini model, the API version and the beta flavour of
   * Anthropic.
   */
  readonly path: string
  /** JSON as the provider sees it. */
  readonly body: string
  /** Sent with this request only. */
  readonly headers: Readonly<Record<string, string>>
}

/** All that the code behind an SDK can see of a call. */
export interface SdkResult {
  readonly value: unknown
  readonly chunks: readonly unknown[]
  readonly headers: Readonly<Record<string, string>>
  readonly error: SdkError | null
}

interface SdkError {
  readonly class: string
  readonly name: string
  readonly message: string
  readonly headers: Readonly<Record<string, string>>
  /** Everything else the SDK put on the error: status, code, type, request id, body. */
  readonly fields: Readonly<Record<string, unknown>>
}

/**
 * What is put before the provider's own base URL; users of OpenAI give theirs with /v1, ours goes
 * without (flint-guide).
 */
const BASE: Readonly<Record<Surface, { readonly direct: string; readonly flint: string }>> = {
  'chat.completions': { direct: '/v1', flint: '/v1/proxy/openai' },
  responses: { direct: '/v1', flint: '/v1/proxy/openai' },
  'gemini-compatible chat.completions': {
    direct: '/v1beta/openai',
    flint: '/v1/proxy/gemini/v1beta/openai',
  },
  messages: { direct: '', flint: '/v1/proxy/anthropic' },
  generateContent: { direct: '', flint: '/v1/proxy/gemini' },
  streamGenerateContent: { direct: '', flint: '/v1/proxy/gemini' },
}

export function baseUrlOf(
  surface: Surface,
  { origin, throughFlint }: Pick<SdkTarget, 'origin' | 'throughFlint'>,
): string {
  return origin + BASE[surface][throughFlint ? 'flint' : 'direct']
}

/** One call with the SDK, with nothing in it that depends on whether Flint stands between. */
export async function callWithSdk(
  surface: Surface,
  target: SdkTarget,
  request: SdkRequest,
): Promise<SdkResult> {
  const seen: Seen = { value: null, chunks: [], headers: {} }
  try {
    await CALLS[surface](baseUrlOf(surface, target), target, request, seen)
    return { ...seen, error: null }
  } catch (error) {
    return { ...seen, error: describeError(error) }
  }
}

interface Seen {
  value: unknown
  readonly chunks: unknown[]
  headers: Readonly<Record<string, string>>
}

type Call = (baseURL: string, target: SdkTarget, request: SdkRequest, seen: Seen) => Promise<void>

const openaiClient = (baseURL: string, { apiKey, headers, maxRetries = 0 }: SdkTarget) =>
  new OpenAI({ apiKey, baseURL, defaultHeaders: headers, maxRetries })

const chat: Call = async (baseURL, target, { body, headers }, seen) => {
  const params = JSON.parse(body) as OpenAI.ChatCompletionCreateParams
  const { data, response } = await openaiClient(baseURL, target)
    .chat.completions.create(params, { headers })
    .withResponse()
  seen.headers = comparableHeaders(response.headers)
  await take(data, seen)
}

const responses: Call = async (baseURL, target, { body, headers }, seen) => {
  const params = JSON.parse(body) as OpenAI.Responses.ResponseCreateParams
  const { data, response } = await openaiClient(baseURL, target)
    .responses.create(params, { headers })
    .withResponse()
  seen.headers = comparableHeaders(response.headers)
  await take(data, seen)
}

const messages: Call = async (
  baseURL,
  { apiKey, headers: defaultHeaders, maxRetries = 0 },
  { path, body, headers },
  seen,
) => {
  // A time-out of one's own keeps the SDK from refusing long answers that are not streamed.
  const client = new Anthropic({ apiKey, baseURL, defaultHeaders, maxRetries, timeout: 60_000 })
  if (path.includes('beta=true')) {
    const params = JSON.parse(body) as Anthropic.Beta.MessageCreateParams
    const { data, response } = await client.beta.messages.create(params, { headers }).withResponse()
    seen.headers = comparableHeaders(response.headers)
    await take(data, seen)
    return
  }
  const params = JSON.parse(body) as Anthropic.MessageCreateParams
  const { data, response } = await client.messages.create(params, { headers }).withResponse()
  seen.headers = comparableHeaders(response.headers)
  await take(data, seen)
}

/** The part of a recorded Gemini request that an SDK call is made of. */
function geminiCall(baseUrl: string, { apiKey, headers }: SdkTarget, request: SdkRequest) {
  const match = /^\/(v1[a-z]*)\/models\/([^:]+):/.exec(request.path)
  if (!match?.[1] || !match[2]) throw new Error(`not a Gemini path: ${request.path}`)
  const { contents } = JSON.parse(request.body) as { contents: Content[] }
  const client = new GoogleGenAI({
    apiKey,
    apiVersion: match[1],
    httpOptions: { baseUrl, headers: { ...headers } },
  })
  return {
    client,
    params: {
      model: match[2],
      contents,
      config: { httpOptions: { headers: { ...request.headers } } },
    },
  }
}

const generateContent: Call = async (baseUrl, target, request, seen) => {
  const { client, params } = geminiCall(baseUrl, target, request)
  const { sdkHttpResponse, ...answer } = await client.models.generateContent(params)
  seen.headers = comparableHeaders(sdkHttpResponse?.headers ?? {})
  seen.value = answer
}

const streamGenerateContent: Call = async (baseUrl, target, request, seen) => {
  const { client, params } = geminiCall(baseUrl, target, request)
  for await (const { sdkHttpResponse, ...chunk } of await client.models.generateContentStream(
    params,
  )) {
    seen.headers = comparableHeaders(sdkHttpResponse?.headers ?? {})
    seen.chunks.push(chunk)
  }
}

const CALLS: Readonly<Record<Surface, Call>> = {
  'chat.completions': chat,
  responses,
  'gemini-compatible chat.completions': chat,
  messages,
  generateContent,
  streamGenerateContent,
}

async function take(data: object, seen: Seen): Promise<void> {
  if (!(Symbol.asyncIterator in data)) {
    // The SDKs hide the request id on the object; it does not count in a comparison unless it is
    // named.
    seen.value = { ...data, _request_id: '_request_id' in data ? data._request_id : undefined }
    return
  }
  for await (const chunk of data as AsyncIterable<unknown>) seen.chunks.push(chunk)
}

function describeError(error: unknown): SdkError {
  if (!(error instanceof Error)) throw error
  const { headers, ...fields } = Object.fromEntries(Object.entries(error))
  const isHeaders = headers instanceof Headers
  return {
    class: error.constructor.name,
    name: error.name,
    message: error.message,
    headers: isHeaders ? comparableHeaders(headers) : {},
    fields,
  }
}

/** Headers that belong to one connection, not to the answer (RFC 9110 §7.6.1). */
export const HOP_BY_HOP: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'transfer-encoding',
])

/**
 * Lists are compared as lists: a proxy may write `a,b` where there were two lines (RFC 9110 §5.3).
 * A proxy may also add a date.
 */
function comparableHeaders(
  headers: Headers | Readonly<Record<string, string>>,
): Record<string, string> {
  const entries = headers instanceof Headers ? [...headers] : Object.entries(headers)
  return Object.fromEntries(
    entries
      .filter(([name]) => name !== 'date' && !HOP_BY_HOP.has(name))
      .map(([name, value]) => [name, value.split(/,\s*/).join(', ')]),
  )
}
