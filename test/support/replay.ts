import { createHash } from 'node:crypto'
import { once } from 'node:events'
import type http from 'node:http'
import zlib from 'node:zlib'
import { serveLoopback } from './loopback-server.ts'
import type { Expected, Recording } from './recorded-call.ts'
import { bodyOf, decodedBody, headerOf, RECORDED_CALLS } from './recorded-calls.ts'

/** A request as it reached the replayed provider. */
export interface ReplayedRequest {
  readonly path: string
  readonly bodySha256: string
  readonly rawHeaders: readonly string[]
  /** As in the recording that it asked for. */
  readonly pathEqual: boolean
  readonly bodyEqual: boolean
}

/** An answer as it goes out. */
interface RenderedAnswer {
  readonly status: number
  readonly headers: ReadonlyArray<readonly [name: string, value: string]>
  readonly pieces: readonly Buffer[]
}

export interface Replay {
  readonly url: string
  readonly recordings: readonly Recording[]
  readonly expected: ReadonlyMap<string, Expected>
  /** What was received for a recording, in the order of its arrival. */
  received(id: string): readonly ReplayedRequest[]
  close(): Promise<void>
}

/** Set by the sender of the answer, or of one connection alone (RFC 9110 §7.6.1). */
const PER_CONNECTION =
  /^(connection|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade|content-length)$/i
const ENCODERS = { gzip: zlib.createGzip, br: zlib.createBrotliCompress }

/**
 * A provider that gives the recorded answers: a request names its recording in `x-replay-id`, and
 * how the answer is cut and encoded in `x-replay-plan` (`renderAnswer`).
 */
export async function startReplay(calls = RECORDED_CALLS): Promise<Replay> {
  const recordings = new Map(calls.map(({ recording }) => [recording.id, recording]))
  const received = new Map<string, ReplayedRequest[]>()
  const answer = async (request: http.IncomingMessage, response: http.ServerResponse) => {
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part)
    const id = String(request.headers['x-replay-id'])
    const recording = recordings.get(id)
    if (recording === undefined) return response.writeHead(404).end(`no recording ${id}`)
    const path = request.url ?? ''
    const body = Buffer.concat(parts)
    const seen = received.get(id) ?? []
    received.set(id, seen)
    seen.push({
      path,
      bodySha256: createHash('sha256').update(body).digest('hex'),
      rawHeaders: request.rawHeaders,
      pathEqual: path === recording.request.path,
      bodyEqual: body.equals(bodyOf(recording.request)),
    })
    await send(
      response,
      await renderAnswer(recording, String(request.headers['x-replay-plan'] ?? '')),
    )
  }
  const server = await serveLoopback(
    (request, response) => void answer(request, response).catch(() => response.destroy()),
  )
  return {
    ...server,
    recordings: [...recordings.values()],
    expected: new Map(calls.map(({ expected }) => [expected.id, withToolFees(expected)])),
    received: (id) => received.get(id) ?? [],
  }
}

/** What a call cost includes the fees of the tools that ran. */
function withToolFees(expected: Expected): Expected {
  const { tool_fees, cost_alternatives_usd: [withFees] = [] } = expected
  return tool_fees === undefined || withFees === undefined
    ? expected
    : { ...expected, cost_usd: withFees }
}

async function send(response: http.ServerResponse, answer: RenderedAnswer): Promise<void> {
  const { status, headers, pieces } = answer
  const isStream = headers.some(
    ([name, value]) => /^content-type$/i.test(name) && value.includes('event-stream'),
  )
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0)
  response.sendDate = false
  response.writeHead(
    status,
    headers.concat(isStream || status === 204 ? [] : [['content-length', String(length)]]).flat(),
  )
  response.flushHeaders()
  for (const piece of pieces) {
    response.write(piece)
    // One packet each.
    await new Promise(setImmediate)
  }
  response.end()
}

/**
 * A recorded answer under a plan: parts joined by `;`, `chunk=event` or `chunk=<bytes>` cuts it,
 * `encoding=gzip` compresses it, `encoding=original` does what the provider did on its way. An
 * answer that was recorded compressed stays as it is.
 */
export async function renderAnswer({ response }: Recording, plan: string): Promise<RenderedAnswer> {
  const { chunk, encoding } = Object.fromEntries(
    plan.split(';').map((part) => part.split('=') as [string, string]),
  )
  const recorded = headerOf(response, 'content-encoding')
  const wanted = encoding === 'original' ? response.original_content_encoding : encoding
  const headers = Object.entries(response.headers).flatMap(([name, value]) =>
    PER_CONNECTION.test(name) ? [] : [value].flat().map((line) => [name, line] as const),
  )
  if (recorded !== undefined || (wanted !== 'gzip' && wanted !== 'br'))
    return { status: response.status, headers, pieces: cut(bodyOf(response), chunk) }
  return {
    status: response.status,
    headers: [...headers, ['content-encoding', wanted]],
    pieces: await compressed(cut(decodedBody(response), chunk), wanted),
  }
}

function cut(body: Buffer, chunk: string | undefined): Buffer[] {
  if (chunk === undefined) return [body]
  if (chunk === 'event')
    return body
      .toString('latin1')
      .split(/(?<=\r?\n\r?\n)/)
      .map((event) => Buffer.from(event, 'latin1'))
  const step = Number(chunk)
  return Array.from({ length: Math.ceil(body.length / step) }, (_, at) =>
    body.subarray(at * step, (at + 1) * step),
  )
}

/** Flushed after each piece, as a live provider does. */
async function compressed(
  pieces: readonly Buffer[],
  encoding: keyof typeof ENCODERS,
): Promise<Buffer[]> {
  const encoder = ENCODERS[encoding]()
  const encoded: Buffer[] = []
  encoder.on('data', (bytes: Buffer) => encoded.push(bytes))
  for (const piece of pieces)
    await new Promise<void>((resolve) => encoder.write(piece, () => encoder.flush(resolve)))
  encoder.end()
  await once(encoder, 'end')
  return encoded
}
