import { createHash } from 'node:crypto'
import type { Expected, RecordedCall, Recording } from '../support/recorded-call.ts'

/** What the samples ask and answer. */
export const QUESTION = 'How deep is the Mariana Trench?'
export const ANSWER = 'About eleven kilometres.'

export interface SampleCall {
  readonly id: string
  readonly provider: Expected['provider']
  readonly operation: string
  /** With its query. */
  readonly path: string
  readonly model: string
  readonly requestModel: string
  readonly request: object
  readonly status?: number
  /** A document; a text is an event stream, bytes are one of Amazon's. */
  readonly answer: object | string | Buffer
  /** As the provider counts; null where the answer says nothing of it. */
  readonly usage?: Readonly<Record<string, number | null>>
  readonly costUsd?: number
  /** The visible text of the answer. */
  readonly completion?: string
}

/** A call in the shape of a recorded one, with what has to be read of it. */
export function sampleCall(sample: SampleCall): RecordedCall {
  const { id, provider, operation, status = 200, answer, usage, costUsd, completion } = sample
  const isStream = typeof answer === 'string' || Buffer.isBuffer(answer)
  const contentType = isStream
    ? Buffer.isBuffer(answer)
      ? 'application/vnd.amazon.eventstream'
      : 'text/event-stream; charset=utf-8'
    : 'application/json'
  const recording: Recording = {
    id,
    provider,
    operation,
    request: {
      method: 'POST',
      path: sample.path,
      headers: { 'content-type': 'application/json' },
      body_text: JSON.stringify(sample.request),
    },
    response: {
      status,
      headers: { 'content-type': contentType },
      ...(Buffer.isBuffer(answer)
        ? { body_b64: answer.toString('base64') }
        : { body_text: typeof answer === 'string' ? answer : JSON.stringify(answer) }),
    },
  }
  const expected: Expected = {
    id,
    provider,
    operation,
    model: sample.model,
    model_requested: sample.requestModel,
    endpoint: sample.path.split('?')[0] ?? '',
    status,
    stream: isStream,
    billable: usage !== undefined,
    usage_source: usage === undefined ? 'none' : 'provider',
    usage: usage ?? {},
    cost_usd: costUsd ?? null,
    cost_certain: true,
    prompt_text_sha256: createHash('sha256').update(QUESTION).digest('hex'),
    completion_text: completion ?? null,
  }
  return { recording, expected }
}

type Named = readonly [name: string, data: object]
const isNamed = (event: object | Named): event is Named => Array.isArray(event)

/** An event stream as the providers write it: the event's name first, where it has one. */
export function events(...all: ReadonlyArray<object | string | Named>): string {
  return all
    .map((event) => {
      if (typeof event === 'string') return `data: ${event}\n\n`
      if (!isNamed(event)) return `data: ${JSON.stringify(event)}\n\n`
      const [name, data] = event
      return `event: ${name}\ndata: ${JSON.stringify({ type: name, ...data })}\n\n`
    })
    .join('')
}
