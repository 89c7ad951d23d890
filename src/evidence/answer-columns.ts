import type { BilledCall, CallPrice } from './bill.ts'
import type { ObservationEvidence } from './evidence.ts'
import type { TokenUsage, UsageSource } from './usage.ts'

/** What the columns of a record hold of an exchange; `ExchangeFacts` of the providers is one. */
export interface RecordedFacts {
  /** The model named in the answer; the requested one where the answer names none. */
  readonly model: string | null
  readonly requestModel: string | null
  /** Whether the answer was a stream; of a call without an answer, whether one was asked for. */
  readonly stream: boolean | null
  /** As the provider names it. */
  readonly finishReason: string | null
  readonly providerRequestId: string | null
  /**
   * The provider's id of what it made (`resp_…`, `msg_…`, `run_…`): what later calls name it by.
   */
  readonly responseId: string | null
  /** The usage is that of work which another call ordered, found by `responseId`. */
  readonly deferred: boolean
  /** The file that the results of the work are in (`output_file_id` of a batch); null for none. */
  readonly resultFile: string | null
  readonly serviceTier: string | null
  /** Type or code of an error inside an answer that began with a 200, never its text. */
  readonly streamError: string | null
  readonly usage: TokenUsage
  readonly usageSource: UsageSource
  /**
   * The provider's usage object, verbatim; of an Anthropic stream, `[start, delta]`. Null over 8
   * KB.
   */
  readonly usageRaw: string | null
  /** Of a websocket: how many responses it carried; null for every other call. */
  readonly turns: number | null
  /** Of a websocket: JSON of the tokens of each; null where none was reported. */
  readonly turnUsage: string | null
  readonly parserVersion: string
  /** False where the call cannot be on the bill. */
  readonly billable: boolean
  /** What is on the bill besides the token buckets. */
  readonly billed: BilledCall
}

/**
 * The columns that say what an answer was, for observed and reported calls alike. Nothing read is
 * null everywhere.
 */
export function answerColumns(facts: RecordedFacts | null, price: CallPrice | null) {
  const usage = facts?.usage
  return {
    stream: facts?.stream ?? null,
    model: facts?.model ?? null,
    request_model: facts?.requestModel ?? null,
    provider_request_id: facts?.providerRequestId ?? null,
    finish_reason: facts?.finishReason ?? null,
    service_tier: facts?.serviceTier ?? null,
    stream_error: facts?.streamError ?? null,
    usage_source: facts?.usageSource ?? 'none',
    input_tokens: usage?.inputTokens ?? null,
    output_tokens: usage?.outputTokens ?? null,
    total_tokens: usage?.totalTokens ?? null,
    cached_input_tokens: usage?.cachedInputTokens ?? null,
    cache_write_tokens: usage?.cacheWriteTokens ?? null,
    cache_write_5m_tokens: usage?.cacheWrite5mTokens ?? null,
    cache_write_1h_tokens: usage?.cacheWrite1hTokens ?? null,
    reasoning_tokens: usage?.reasoningTokens ?? null,
    audio_input_tokens: usage?.audioInputTokens ?? null,
    audio_output_tokens: usage?.audioOutputTokens ?? null,
    usage_raw: facts?.usageRaw ?? null,
    turns: facts?.turns ?? null,
    turn_usage: facts?.turnUsage ?? null,
    parser_version: facts?.parserVersion ?? '',
    cost_usd: price?.costUsd ?? null,
    cost_status: price?.costStatus ?? null,
    price_version: price?.priceVersion ?? null,
    cost_reason: price?.costReason ?? null,
    billable: facts?.billable ?? null,
    billed: facts ? billedJson(facts.billed) : null,
    response_id: facts?.responseId ?? null,
    deferred: facts?.deferred ?? null,
    result_id: facts?.resultFile ?? null,
  } satisfies Partial<ObservationEvidence>
}

/** Only what says something: nearly every call has nothing besides its tokens. */
function billedJson(billed: BilledCall): string | null {
  const reported = Object.entries(billed).filter(
    ([, value]) => value !== null && !(Array.isArray(value) && value.length === 0),
  )
  return reported.length === 0 ? null : JSON.stringify(Object.fromEntries(reported))
}
