import { endpointOf } from '../endpoints.ts'
import { asObject, type JsonObject, shortString } from '../json/text.ts'
import type { ProviderDefinition } from '../provider.ts'
import type { ExchangeFacts } from './exchange-facts.ts'
import { createExchangeReader, type ExchangeReaderOptions } from './exchange-reader.ts'

/** What a client reports of a call that did not pass the proxy. */
export interface ClientReport {
  /** Undefined where this process does not know it: then nothing is read. */
  readonly provider: ProviderDefinition | undefined
  /** Path as the provider sees it, without query. */
  readonly endpoint: string
  /**
   * The SDK's object, the provider's JSON (parsed or not), the events of a stream in a list, or an
   * error object.
   */
  readonly response: unknown
  /** As the client saw it; Default 200, unless the response is an error object. */
  readonly status?: number
  /** `{role, content}`, or what the provider's own API takes; without them there is no prompt. */
  readonly messages?: unknown
  readonly system?: unknown
}

/** Read in a few milliseconds. */
const SLICE_BYTES = 256 * 1024

/** Any member of an answer that is not an error. */
const ANSWER_MEMBERS = [
  'choices',
  'output',
  'content',
  'candidates',
  'usage',
  'usageMetadata',
  'data',
  'id',
]
const ERROR_STATUS = 500

/**
 * The facts of a reported call: written as the bytes it would have had on the wire, and read by the
 * same reader.
 */
export function extractFromReport(
  report: ClientReport,
  options: ExchangeReaderOptions = {},
): ExchangeFacts {
  const reading = readReport(report, options)
  for (let step = reading.next(); ; step = reading.next()) if (step.done === true) return step.value
}

/**
 * The same, with a pause after each slice: a report of many megabytes must not keep everybody else
 * waiting.
 */
export async function extractFromReportInTurns(
  report: ClientReport,
  options: ExchangeReaderOptions = {},
): Promise<ExchangeFacts> {
  const reading = readReport(report, options)
  for (let step = reading.next(); ; step = reading.next()) {
    if (step.done === true) return step.value
    await new Promise(setImmediate)
  }
}

function* readReport(
  report: ClientReport,
  options: ExchangeReaderOptions,
): Generator<void, ExchangeFacts> {
  const { provider, endpoint, status = 200 } = report
  const wire = { provider, method: 'POST', endpoint }
  const reader = createExchangeReader(
    { ...wire, query: '', contentType: 'application/json', contentEncoding: null },
    options,
  )
  if (options.text === true)
    yield* inSlices(jsonText(requestOf(report)), (slice) => reader.requestBody(slice))
  reader.requestEnd()
  const reported = parsed(report.response)
  const response = endpointOf(provider, 'POST', endpoint).format.fromReport?.(reported) ?? reported
  reader.responseStart({
    status: status < 300 && isError(response) ? ERROR_STATUS : status,
    // Text that is no JSON may be a stream as it was on the wire: its first byte shows it.
    contentType:
      typeof response === 'string'
        ? null
        : Array.isArray(response)
          ? 'text/event-stream'
          : 'application/json',
    contentEncoding: null,
    header: () => requestIdOf(response) ?? undefined,
  })
  yield* inSlices(wireText(response), (slice) => reader.responseBody(slice))
  reader.responseEnd()
  const seen: ExchangeFacts[] = []
  // At once, since nothing is compressed.
  reader.finish((facts) => seen.push(facts))
  const [facts] = seen
  if (facts === undefined) throw new Error('an uncompressed report was not read at once')
  return facts
}

function* inSlices(text: string, take: (slice: Buffer) => void): Generator<void, void> {
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length; at += SLICE_BYTES) {
    if (at > 0) yield
    take(bytes.subarray(at, at + SLICE_BYTES))
  }
}

function requestOf({ provider, endpoint, messages, system }: ClientReport): unknown {
  const text = messages == null ? null : endpointOf(provider, 'POST', endpoint).text
  return text?.reportedRequest(messages, system ?? undefined) ?? {}
}

/** JSON may come as text; other text stays as it is. */
function parsed(response: unknown): unknown {
  if (typeof response !== 'string') return response
  try {
    return JSON.parse(response)
  } catch {
    return response
  }
}

function wireText(response: unknown): string {
  if (typeof response === 'string') return response
  if (Array.isArray(response))
    return response.map((event) => `data: ${jsonText(event)}\n\n`).join('')
  return jsonText(response)
}

/**
 * What is nested too deep to be written (hostile: no answer is) becomes text that is no JSON, and
 * is reported as unreadable.
 */
function jsonText(value: unknown): string {
  try {
    return JSON.stringify(value) ?? ''
  } catch {
    return 'unreadable'
  }
}

/** The provider's error body, or the SDK's error object that holds it. */
function isError(response: unknown): boolean {
  const body = asObject(response)
  if (body === null || ANSWER_MEMBERS.some((member) => body[member] != null)) return false
  return (
    body.error != null ||
    body.type === 'error' ||
    (typeof body.status === 'number' && body.status >= 400)
  )
}

/** Where SDKs put the id that came in a header. */
function requestIdOf(response: unknown): string | null {
  const body: JsonObject = asObject(response) ?? {}
  return (
    shortString(body._request_id) ?? shortString(body.requestID) ?? shortString(body.request_id)
  )
}
