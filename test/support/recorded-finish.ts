import { EventStreamCodec } from '@smithy/core/event-streams'
import type { Recording } from './recorded-call.ts'
import { decodedBody, headerOf } from './recorded-calls.ts'

type Json = Readonly<Record<string, unknown>>

/**
 * Where each operation says why it ended, read by other means than Flint's: whole bodies,
 * JSON.parse.
 */
const PLACES: Readonly<Record<string, readonly string[]>> = {
  'chat.completions': ['choices.finish_reason'],
  completions: ['choices.finish_reason'],
  responses: ['response.status', 'status'],
  messages: ['delta.stop_reason', 'stop_reason'],
  generateContent: ['candidates.finishReason', 'promptFeedback.blockReason'],
  streamGenerateContent: ['candidates.finishReason', 'promptFeedback.blockReason'],
  interactions: ['interaction.status', 'status'],
  converse: ['stopReason'],
  'converse-stream': ['messageStop.stopReason'],
  invoke: ['stop_reason'],
  'invoke-with-response-stream': ['delta.stop_reason'],
}

/** The finish reason in a recording; null where it has none, or where it is an error. */
export function finishReasonOf({ operation, response }: Recording): string | null {
  const places = PLACES[operation]
  if (places === undefined || response.status >= 300) return null
  let last: string | null = null
  const body = decodedBody(response)
  const isAmazons = headerOf(response, 'content-type') === 'application/vnd.amazon.eventstream'
  for (const document of isAmazons ? amazonDocuments(body) : documents(body.toString())) {
    const found = places
      .map((place) => stringAt(document, place.split('.')))
      .find((reason) => reason !== null)
    last = found ?? last
  }
  return last
}

function documents(body: string): readonly unknown[] {
  const events = body
    .split(/\r\n|\r|\n/)
    .flatMap((line) => (/^data:\s*[{[]/.test(line) ? [line.slice(line.indexOf(':') + 1)] : []))
  const parsed = (events.length > 0 ? events : [body]).flatMap((text): unknown[] => {
    try {
      return [JSON.parse(text)]
    } catch {
      return []
    }
  })
  return parsed.flatMap((document) => (Array.isArray(document) ? document : [document]))
}

const codec = new EventStreamCodec(
  (bytes) => (typeof bytes === 'string' ? bytes : Buffer.from(bytes).toString()),
  (text) => Buffer.from(text),
)

/** What models wrote, and events under their names. */
function amazonDocuments(body: Buffer): readonly unknown[] {
  const found: unknown[] = []
  for (let at = 0; at < body.length; at += body.readUInt32BE(at)) {
    const message = codec.decode(body.subarray(at, at + body.readUInt32BE(at)))
    const payload = JSON.parse(Buffer.from(message.body).toString()) as { bytes?: string }
    const written = payload.bytes
    found.push(
      written === undefined
        ? { [String(message.headers[':event-type']?.value)]: payload }
        : JSON.parse(Buffer.from(written, 'base64').toString()),
    )
  }
  return found
}

function stringAt(value: unknown, [member, ...rest]: readonly string[]): string | null {
  if (Array.isArray(value))
    return (
      value
        .map((item) => stringAt(item, member === undefined ? [] : [member, ...rest]))
        .findLast((reason) => reason !== null) ?? null
    )
  if (member === undefined) return typeof value === 'string' ? value : null
  return typeof value === 'object' && value !== null
    ? stringAt((value as Json)[member], rest)
    : null
}
