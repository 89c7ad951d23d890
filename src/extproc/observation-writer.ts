import { captureContent, nothingCaptured, withoutObject } from '../content/captured-content.ts'
import { appendLines, type ContentSpool } from '../content/content-line.ts'
import { answerColumns } from '../evidence/answer-columns.ts'
import type { CapturedColumns, ObservationEvidence, ObservationGap } from '../evidence/evidence.ts'
import { evidenceKey } from '../evidence/evidence-key.ts'
import { createdAtMs } from '../evidence/record-id.ts'
import type { PriceCall } from '../pricing/cost.ts'
import type { ExchangeFacts } from '../providers/exchange-reader.ts'
import type { EvidenceSpool } from '../spool/evidence-spool.ts'
import type { CallMetadata } from './call-metadata.ts'
import { countFacts, type ObserverCounters } from './observer-counters.ts'

/** What an observation needs to keep words. */
export interface ObservationCapture {
  readonly spool: ContentSpool
  /** For prompt hashes in mode `hmac`. */
  readonly promptHashSecret: Buffer
}

export interface ObservationWriterOptions {
  readonly witness: string
  readonly version: () => number
  readonly counters: ObserverCounters
  readonly capture: ObservationCapture
  readonly price: PriceCall
}

/** What was seen of a call besides the provider's words: how far both directions came, and when. */
export interface SeenOfCall {
  readonly method: string | null
  readonly endpoint: string | null
  readonly status: number | null
  readonly requestBytes: number
  readonly responseBytes: number
  readonly requestComplete: boolean
  readonly responseComplete: boolean
  readonly gap: ObservationGap | null
  readonly lastByteMs: number | null
  readonly firstByteMs: number | null
}

/** Leaves one row of a call, a checkpoint or the last, and its words before it; `append` is the way to the spool of this call's stream. */
export type WriteObservation = (
  call: CallMetadata,
  seen: SeenOfCall,
  facts: ExchangeFacts | null,
  final: boolean,
  append: EvidenceSpool['append'],
) => void

export function createObservationWriter(options: ObservationWriterOptions): WriteObservation {
  const { witness, version, counters, capture, price: priceOf } = options

  return (call, seen, facts, final, append) => {
    const price = facts ? priceOf({ ...facts, org: call.org, provider: call.provider, atMs: createdAtMs(call.recordId) }) : null
    if (final) countFacts(counters, facts, price, seen.endpoint)
    const row = (captured: CapturedColumns): ObservationEvidence => ({
      kind: 'observation',
      ...evidenceKey(call, version(), witness),
      final,
      method: seen.method,
      endpoint: seen.endpoint,
      key_id: call.keyId,
      key_hint: call.keyHint,
      status: seen.status,
      ...answerColumns(facts, price),
      request_bytes: seen.requestBytes,
      response_bytes: seen.responseBytes,
      request_complete: seen.requestComplete,
      response_complete: seen.responseComplete,
      gap: seen.gap,
      latency_ms: seen.lastByteMs === null ? null : Math.round(seen.lastByteMs),
      time_to_first_byte_ms: seen.firstByteMs === null ? null : Math.round(seen.firstByteMs),
      ...captured,
    })
    if (call.capture === null || !facts?.text) {
      append(row(nothingCaptured(call.capture !== null)), () => {})
      return
    }
    const { columns, lines } = captureContent(
      { org: call.org, recordId: call.recordId, provider: call.provider, model: facts.model, endpoint: seen.endpoint },
      // What is attached is written once, at the end.
      final ? facts.text : { ...facts.text, attachments: facts.text.attachments.map(({ data: _, ...attachment }) => attachment) },
      call.capture,
      capture.promptHashSecret,
    )
    // Content first: a row never names an object that was not at least on its way.
    appendLines(capture.spool, lines, (error) => {
      if (error) counters.contentRefused += 1
      append(row(error ? withoutObject(columns) : columns), () => {})
    })
  }
}
