import type { CredentialKind } from './credential-kind.ts'
import type { IdentityBasis } from './identity-basis.ts'
import type { CostStatus, UsageSource } from './usage.ts'

/**
 * The names of the definitions that Flint ships. Each provider's `definition.ts` adds its own by
 * declaration merging, so that the compiler asks for its line in `providers/registry.ts`.
 */
// biome-ignore lint/suspicious/noEmptyInterface: filled by src/providers/*/definition.ts
export interface ProviderNames {}
export type ShippedProvider = keyof ProviderNames & string
/**
 * `openai`, `anthropic`, or a name of the operator's own out of `providers:` in flint.yaml: the
 * value of the column `provider`.
 */
export type Provider = string

/**
 * What each process wrote about one call. Each row of the table `evidence` is immutable;
 * property names are its column names, because a spool segment is the body of the insert
 * (JSONEachRow) as it stands.
 */
export interface EvidenceKey {
  /** Organisation id of the Flint key that made the call, or of its workload. */
  readonly org: string
  /**
   * Milliseconds of `record_id` (UUIDv7), `YYYY-MM-DD HH:MM:SS.mmm` in UTC: never another clock.
   */
  readonly created_at: string
  /** UUIDv7 made at the gate; the `requestId` of the record. */
  readonly record_id: string
  /**
   * Monotonic per writer, microseconds since the epoch: the later row of a kind carries all that
   * an earlier one did.
   */
  readonly version: number
  /** `<instance>/<role>` of the process that wrote this. */
  readonly writer: string
}

/**
 * What the gate knew before the provider was called; a refused call has `error_code` and `status`
 * and nothing else follows.
 */
export interface IntentEvidence extends EvidenceKey {
  readonly kind: 'intent'
  readonly provider: Provider
  readonly method: string
  /** Path as the provider sees it, without query. */
  readonly endpoint: string
  /** Null where the call came through a mesh, without a Flint key. */
  readonly key_id: string | null
  /** `...` + last 4 characters of the provider key; null for keys under 12 characters or none. */
  readonly key_hint: string | null
  readonly error_code: string | null
  readonly status: number | null
  /** Claimed by the caller, not verified. */
  readonly claimed_request_id: string | null
  readonly caller_request_id: string | null
  readonly trace_id: string | null
  readonly user_agent: string | null
  readonly retry_count: number | null
  readonly tags: Readonly<Record<string, string>>
  /** Whether the organisation wanted prompts kept when the call came; null for a refused one. */
  readonly capture: boolean | null
  /** What the provider key is by its shape; null where the shape does not say, or none was used. */
  readonly credential: CredentialKind | null
  /** Of a session header of the caller (extproc/caller-request.ts); claimed, not verified. */
  readonly session_id: string | null
  /** Who made it, where it came through a mesh; null for every other call (identity-basis.ts). */
  readonly workload: string | null
  readonly namespace: string | null
  readonly service_account: string | null
  readonly cluster: string | null
  readonly identity_basis: IdentityBasis | null
  /** Which start of Envoy carries the call; null where `flint up` does not run Envoy. */
  readonly envoy_run: string | null
}

/**
 * What is kept of a call's text, where capture was on; else null throughout. The text itself
 * are not in evidence.
 */
export interface CapturedColumns {
  readonly capture: boolean
  /** First 100 characters (grapheme clusters), redacted where the organisation wants that. */
  readonly prompt_preview: string | null
  /**
   * The same of the last text of the last message of the role user; null where there is none.
   */
  readonly last_user_preview: string | null
  /** Null for a reported call: the users' guide has it in proxy mode only. */
  readonly completion_preview: string | null
  /**
   * Of the whole prompt as it was sent: SHA-256, or HMAC-SHA-256 under a secret of the
   * organisation; hex.
   */
  readonly prompt_hash: string | null
  /**
   * Key of the object that holds the full text; null where there was no text, or it could not be
   * kept.
   */
  readonly content_key: string | null
  /** Of the object's content before compression, hex: what is read back must have it. */
  readonly content_sha256: string | null
  /** Why text that was there is not kept. */
  readonly content_gap: ContentGap | null
  /** SHA-256 of what was attached and is kept in objects of its own, hex. */
  readonly attachments: readonly string[]
}

export type ContentGap =
  /** The spool of content was full, or its disk: content goes first, evidence goes on. */
  | 'spool_full'
  /** The request was in no form that Flint reads: neither its model nor its text is known. */
  | 'request_unreadable'
  /** The endpoint is not known, and so not where its text would stand. */
  | 'unknown_endpoint'
  /** The messages of a websocket held sound or pictures alone, which are not kept. */
  | 'websocket'
  /** So did some of them, or some could not be decoded; the text of the others is kept. */
  | 'websocket_partial'
  /** Let go of while the observer held too much. */
  | 'over_budget'
  /** A fault while it was prepared to be kept. */
  | 'capture_failed'

/** Why an observation does not hold the whole call. */
export type ObservationGap =
  /** Envoy cut or never finished the copy (observer stopped, restarted, connection lost). */
  | 'stream_lost'
  /** The observer ended its stream to spare the caller: loop lag or byte budget. */
  | 'observer_overloaded'
  /** Content-encoding that cannot be read here. */
  | 'unreadable_encoding'
  /** The body was there but did not parse as the provider's format. */
  | 'unreadable_body'
  /** A fault of the reader ended the reading of this call. */
  | 'reading_failed'
  /** The call itself ended early: the closing evidence distinguishes it from a lost copy. */
  | 'call_ended_early'
  /**
   * ClickHouse refused the row; what could be kept of it stands in its place
   * (src/delivery/refused-row.ts).
   */
  | 'row_refused'

/**
 * What the observer saw of the request and the answer. Cumulative: checkpoints have `final` false.
 */
export interface ObservationEvidence extends EvidenceKey, CapturedColumns {
  readonly kind: 'observation'
  readonly final: boolean
  readonly provider: Provider
  readonly method: string | null
  readonly endpoint: string | null
  readonly key_id: string | null
  readonly key_hint: string | null
  readonly status: number | null
  readonly stream: boolean | null
  readonly model: string | null
  readonly request_model: string | null
  readonly provider_request_id: string | null
  readonly finish_reason: string | null
  readonly service_tier: string | null
  /** Error type named inside a 200 stream (never its text). */
  readonly stream_error: string | null
  readonly usage_source: UsageSource
  readonly input_tokens: number | null
  readonly output_tokens: number | null
  readonly total_tokens: number | null
  readonly cached_input_tokens: number | null
  readonly cache_write_tokens: number | null
  readonly cache_write_5m_tokens: number | null
  readonly cache_write_1h_tokens: number | null
  readonly reasoning_tokens: number | null
  readonly audio_input_tokens: number | null
  readonly audio_output_tokens: number | null
  /** The provider's usage object, verbatim JSON (bounded). */
  readonly usage_raw: string | null
  /** Of a websocket: how many responses it carried; null for every other call. */
  readonly turns: number | null
  /**
   * JSON of the tokens of each response of a websocket: a list of `{input, output, cached?}`, null
   * for one without usage, `transcription: true` for what was heard; beyond 256 entries one
   * `{more, …}` is the sum of the others (providers/socket/socket-turns.ts).
   */
  readonly turn_usage: string | null
  readonly parser_version: string
  /** Decimal text with up to 12 places, or null when the price is unknown. */
  readonly cost_usd: string | null
  readonly cost_status: CostStatus | null
  readonly price_version: string | null
  /**
   * Why the cost is not exact, or not known (`unknown_model`, `no_usage`, …); null when it is
   * exact.
   */
  readonly cost_reason: string | null
  /** False where the call cannot be on the bill: the usage in its answer is another call's. */
  readonly billable: boolean | null
  /**
   * JSON of what is on the bill besides the token buckets, for pricing it again; null for nothing.
   */
  readonly billed: string | null
  /** The provider's id of what the call made (`resp_…`, `msg_…`, `run_…`). */
  readonly response_id: string | null
  /** The usage is that of work which another call ordered, found by `response_id`. */
  readonly deferred: boolean | null
  /** The provider's id of the file that the results of the work are in; null for none. */
  readonly result_id: string | null
  readonly request_bytes: number
  readonly response_bytes: number
  readonly request_complete: boolean
  readonly response_complete: boolean
  /**
   * Bytes of the answer up to its protocol's last event (`[DONE]`, `message_stop`, …); null where
   * none came, or where the protocol has none.
   */
  readonly answer_end_bytes: number | null
  readonly gap: ObservationGap | null
  readonly latency_ms: number | null
  readonly time_to_first_byte_ms: number | null
}

/**
 * How the call ended, from Envoy's access log stream: the only evidence of what reached the caller.
 */
export interface ClosingEvidence extends EvidenceKey {
  readonly kind: 'closing'
  readonly provider: Provider
  readonly key_id: string | null
  readonly key_hint: string | null
  /** Status the caller saw; null when the caller left before there was one. */
  readonly status: number | null
  /**
   * Envoy's short flags, comma separated (`UF,URX`), empty when none. Null, as the sizes are, only
   * in what stands for a row that the store refused (docs/decisions/030).
   */
  readonly response_flags: string | null
  readonly response_code_details: string | null
  readonly request_bytes: number | null
  readonly response_bytes: number | null
  readonly latency_ms: number | null
  readonly time_to_first_byte_ms: number | null
}

/**
 * Values of `kind` in access log rows. New rows have the first. The second is what builds before
 * the renaming wrote: `kind` is part of the table's sorting key, which cannot be updated, so old
 * rows keep it and everything that reads rows takes both as one kind. A call may have a row of
 * each.
 */
export const ACCESS_LOG_KINDS = ['access_log', 'witness'] as const

/**
 * The same from Envoy's JSON log, written only where no closing evidence came: it does not know the
 * key.
 */
export interface AccessLogEvidence extends EvidenceKey {
  readonly kind: (typeof ACCESS_LOG_KINDS)[number]
  readonly provider: Provider
  readonly status: number | null
  readonly response_flags: string | null
  readonly response_code_details: string | null
  readonly request_bytes: number | null
  readonly response_bytes: number | null
  readonly latency_ms: number | null
}

/**
 * The start of Envoy that carried the call is over, and no row had its end: no more is to be
 * expected. Written by delivery; whatever does come later still counts
 * (docs/decisions/023).
 */
export interface RunEndedEvidence extends EvidenceKey {
  readonly kind: 'run_ended'
  readonly provider: Provider
}

/**
 * A second proxy that captures had the call too, and proved that the gate had made this record for
 * the proxy before it. Written by the gate; it changes no field of the record.
 */
export interface SightingEvidence extends EvidenceKey {
  readonly kind: 'sighting'
  readonly provider: Provider
  /** Who made the call as this proxy sees it; the record's own is what the first one saw. */
  readonly workload: string | null
  readonly namespace: string | null
  readonly service_account: string | null
  readonly cluster: string | null
  readonly identity_basis: IdentityBasis | null
}

/**
 * A call that did not pass Envoy, as its caller reports it: the extracted facts, no sizes, no
 * provider key.
 */
export interface ReportEvidence
  extends Omit<
    ObservationEvidence,
    'kind' | 'request_bytes' | 'response_bytes' | 'answer_end_bytes'
  > {
  readonly kind: 'report'
  readonly request_bytes: null
  readonly response_bytes: null
  readonly answer_end_bytes: null
  /** Claimed by the caller, not verified. */
  readonly tags: Readonly<Record<string, string>>
}

/**
 * The content of a call has reached the content store; written by delivery after the object is
 * durable.
 */
export interface ContentEvidence extends EvidenceKey {
  readonly kind: 'content'
  readonly provider: Provider
  readonly content_key: string
  readonly content_sha256: string
}

/**
 * The call was erased: no other row about it, earlier or later, makes a record any more.
 */
export interface ErasureEvidence extends EvidenceKey {
  readonly kind: 'erasure'
  readonly provider: Provider
  /** True once content and other evidence are gone from disk. */
  readonly final: boolean
}

/**
 * A later price of the same usage: it stands over the observation's, whose figures stay visible in
 * their own row.
 */
export interface PricingEvidence extends EvidenceKey {
  readonly kind: 'pricing'
  readonly provider: Provider
  readonly cost_usd: string | null
  readonly cost_status: CostStatus | null
  readonly price_version: string | null
  readonly cost_reason: string | null
}

/**
 * Usage of deferred work, reported by a poll, as evidence of the call that ordered it; a record of
 * its own where that call is not known (docs/decisions/008-deferred-usage.md).
 */
export interface DeferredEvidence extends Omit<ObservationEvidence, 'kind'> {
  readonly kind: 'deferred'
  /**
   * `record_id` of the poll; of a derived record that gave way, of the call that ordered the work.
   */
  readonly parent_id: string
}

export type Evidence =
  | IntentEvidence
  | ObservationEvidence
  | ClosingEvidence
  | AccessLogEvidence
  | ReportEvidence
  | ContentEvidence
  | ErasureEvidence
  | PricingEvidence
  | DeferredEvidence
  | RunEndedEvidence
  | SightingEvidence
export type EvidenceKind = Evidence['kind']
