import {
  type CapturedContent,
  nothingCaptured,
  withoutObject,
} from '../content/captured-content.ts'
import type { ContentCapture } from '../content/content-capture.ts'
import { appendLines, type ContentSpool } from '../content/content-line.ts'
import { answerColumns } from '../evidence/answer-columns.ts'
import type { CallPrice } from '../evidence/bill.ts'
import type { CapturedColumns, ObservationEvidence, ObservationGap } from '../evidence/evidence.ts'
import { evidenceKey } from '../evidence/evidence-key.ts'
import { createdAtMs } from '../evidence/record-id.ts'
import type { PriceCall } from '../pricing/cost.ts'
import type { ExchangeFacts } from '../providers/reading/exchange-reader.ts'
import type { EvidenceSpool } from '../spool/evidence-spool.ts'
import type { CallMetadata } from './call-metadata.ts'
import type { ObserverActivity } from './observer-activity.ts'
import { countFacts, type ObserverCounters } from './observer-counters.ts'

/** What an observation needs to keep text. */
export interface ObservationCapture {
  readonly spool: ContentSpool
  readonly content: ContentCapture
  /** For prompt hashes in mode `hmac`. */
  readonly promptHashSecret: Buffer
}

export interface ObservationWriterOptions {
  readonly writer: string
  readonly version: () => number
  readonly counters: ObserverCounters
  readonly activity: ObserverActivity
  readonly capture: ObservationCapture
  readonly price: PriceCall
  /** A fault while text was prepared; its message may quote the text. */
  readonly onFault: (error: unknown) => void
}

/** What was seen of a call besides the provider's text: how far both directions came, and when. */
interface SeenOfCall {
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

/**
 * Leaves one row of a call, a checkpoint or the last, and its text before it; `append` is the way
 * to the spool of this call's stream. `written` gets what the row says of the text, at once or once
 * that is prepared.
 */
export type WriteObservation = (
  call: CallMetadata,
  seen: SeenOfCall,
  said: WhatCallSaid,
  append: EvidenceSpool['append'],
  written: (columns: CapturedColumns) => void,
) => void

interface WhatCallSaid {
  readonly facts: ExchangeFacts | null
  /** The last row of the call; else a checkpoint. */
  readonly final: boolean
  /**
   * What the checkpoint before said of the text: it stands where the facts hold no text this time.
   */
  readonly captured: CapturedColumns | null
}

export function createObservationWriter(options: ObservationWriterOptions): WriteObservation {
  const { writer, version, counters, activity, capture, price: priceOf, onFault } = options

  return (call, seen, { facts, final, captured: before }, append, written) => {
    const price = facts ? priced(call, facts) : null
    if (final) countFacts(counters, facts, price, seen.endpoint)
    const row = (captured: CapturedColumns): ObservationEvidence => ({
      kind: 'observation',
      ...evidenceKey(call, version(), writer),
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
      answer_end_bytes: facts?.answerEndBytes ?? null,
      gap: seen.gap,
      latency_ms: seen.lastByteMs === null ? null : Math.round(seen.lastByteMs),
      time_to_first_byte_ms: seen.firstByteMs === null ? null : Math.round(seen.firstByteMs),
      ...captured,
    })
    const textGap = facts?.textGap ?? null
    const leave = (columns: CapturedColumns) => {
      append(row(columns), () => {})
      written(columns)
    }
    if (call.capture === null || !facts?.text) {
      const earlier = before ?? nothingCaptured(call.capture !== null)
      leave({ ...earlier, content_gap: textGap ?? earlier.content_gap })
      return
    }
    const { text } = facts
    const request = {
      call: {
        org: call.org,
        recordId: call.recordId,
        provider: call.provider,
        model: facts.model,
        endpoint: seen.endpoint,
      },
      // What is attached is written once, at the end.
      text: final
        ? text
        : {
            ...text,
            attachments: text.attachments.map(({ data: _, ...attachment }) => attachment),
          },
      policy: call.capture,
      secret: capture.promptHashSecret,
    }
    // An orderly stop waits for those that are under way.
    activity.finishing += 1
    capture.content.capture(request, (content) => {
      activity.finishing -= 1
      // Called back by a thread, where no one catches.
      try {
        keep(content)
      } catch (error) {
        onFault(error)
      }
    })

    function keep(content: CapturedContent | null): void {
      if (content === null) {
        counters.contentRefused += 1
        leave({ ...nothingCaptured(true), content_gap: 'capture_failed' })
        return
      }
      const columns = { ...content.columns, content_gap: textGap }
      // Content first: a row never names an object that was not at least on its way.
      const settle = (error: Error | null) => {
        if (error) counters.contentRefused += 1
        leave(error ? withoutObject(columns) : columns)
      }
      try {
        appendLines(capture.spool, content.lines, settle)
      } catch (error) {
        onFault(error)
        settle(new Error('the content spool failed'))
      }
    }
  }

  /** Null where pricing failed: the usage is kept, and can be priced again. */
  function priced(call: CallMetadata, facts: ExchangeFacts): CallPrice | null {
    try {
      return priceOf({
        ...facts,
        org: call.org,
        provider: call.provider,
        atMs: createdAtMs(call.recordId),
      })
    } catch (error) {
      onFault(error)
      return null
    }
  }
}
