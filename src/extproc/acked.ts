import type { Evidence } from '../evidence/evidence.ts'
import type { EvidenceSpool } from '../spool/evidence-spool.ts'
import type { GrpcReply } from './grpc-server.ts'
import {
  REQUEST_BODY,
  REQUEST_HEADERS,
  REQUEST_TRAILERS,
  RESPONSE_BODY,
  RESPONSE_HEADERS,
  RESPONSE_TRAILERS,
} from './messages.ts'

/**
 * `ProcessingResponse` with an empty answer of its own kind: go on, nothing changed. Members are
 * numbered one below the question's.
 */
const GO_ON: ReadonlyMap<number, Uint8Array> = new Map(
  [
    REQUEST_HEADERS,
    RESPONSE_HEADERS,
    REQUEST_BODY,
    RESPONSE_BODY,
    REQUEST_TRAILERS,
    RESPONSE_TRAILERS,
  ].map((kind) => [kind, Uint8Array.of(((kind - 1) << 3) | 2, 0)]),
)

/**
 * What an observation needs of the stream it watches; a copy and an acked stream differ in nothing
 * else.
 */
export interface StreamSide {
  readonly append: EvidenceSpool['append']
  /** The observation wants nothing more of the stream. */
  release(): void
  /** A message was taken in. */
  seen(kind: number): void
}

/** `flint.observe`: no one waits; the stream is let go as soon as nothing more is wanted. */
export function copiedSide(reply: GrpcReply, append: EvidenceSpool['append']): StreamSide {
  return { append, release: () => reply.end(), seen() {} }
}

/**
 * `flint.acked`: Envoy holds each piece until it is answered, so the caller gets no byte that was
 * not seen, and not the last one before the observation is in the spool. A call that cannot be seen
 * to its end is broken off.
 */
export function ackedSide(reply: GrpcReply, append: EvidenceSpool['append']): StreamSide {
  let released = false
  let held: Uint8Array | null = null
  let written: 'not yet' | 'whole' | 'lost' = 'not yet'

  function settle(): void {
    if (written === 'lost') reply.fail()
    if (written !== 'whole' || held === null) return
    reply.send(held)
    reply.end()
  }

  function write(row: Evidence, done: (error: Error | null) => void): void {
    append(row, (error) => {
      done(error)
      if (row.kind !== 'observation' || !row.final) return
      const isWhole =
        (row.request_complete && row.response_complete) || row.gap === 'call_ended_early'
      written = error === null && isWhole ? 'whole' : 'lost'
      settle()
    })
  }

  return {
    append: write,
    release() {
      released = true
    },
    seen(kind) {
      const goOn = GO_ON.get(kind)
      if (goOn === undefined) return
      if (released) {
        held = goOn
        settle()
      } else reply.send(goOn)
    },
  }
}
