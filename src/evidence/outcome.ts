import type {
  AccessLogEvidence,
  ClosingEvidence,
  DeferredEvidence,
  IntentEvidence,
  ObservationEvidence,
  ReportEvidence,
} from './evidence.ts'

/** How a call ended, as far as its evidence shows. */
export type Outcome =
  | 'complete'
  | 'client_aborted'
  | 'upstream_reset'
  | 'upstream_timeout'
  | 'upstream_error'
  | 'rejected'
  | 'capture_lost'
  | 'unknown'

/**
 * The longest a call may last (Envoy's `max_stream_duration`) and how long its last evidence may
 * take to arrive after that.
 */
export const MAX_CALL_SECONDS = 7_200
/**
 * Envoy keeps an observe stream for `deferred_close_timeout` (10 s); after that a missing
 * observation will not come by itself.
 */
export const OBSERVATION_GRACE_SECONDS = 15
/** An older call is not open any more, whatever is missing of it. */
export const LONGEST_OPEN_SECONDS = MAX_CALL_SECONDS + OBSERVATION_GRACE_SECONDS

const SWITCHING_PROTOCOLS = 101
/** Envoy's details for `max_stream_duration`, which has no flag. */
const MAX_DURATION = 'max_duration_timeout'

/**
 * Envoy's response flags by what they say of a call, most telling first.
 *
 * @see
 * https://www.envoyproxy.io/docs/envoy/latest/configuration/observability/access_log/usage#response-flags
 */
const ABORTED = ['DC', 'DR', 'DPE']
const SERVER_LEFT = 'UC'
const TIMED_OUT = ['UT', 'SI', 'UMSDR', 'DT']
const BROKEN = ['UF', 'UH', 'UC', 'UR', 'URX', 'UO', 'UPE', 'NC', 'DF', 'LR', 'LH']

/** The latest row of each kind that decides how a call ended. */
export interface OutcomeEvidence {
  readonly intent: IntentEvidence | null
  /** What was seen of the call, else what its caller reported, else what a poll reported of it. */
  readonly observation: ObservationEvidence | ReportEvidence | DeferredEvidence | null
  /** From the access log stream, else from the JSON log. */
  readonly closing: ClosingEvidence | AccessLogEvidence | null
  /** The start of Envoy that carried the call is over. */
  readonly runEnded: boolean
}

type Seen = NonNullable<OutcomeEvidence['observation']>

/** `null` while the call is open, that is, while more evidence must be expected. */
export function outcomeOf(
  { intent, observation, closing, runEnded }: OutcomeEvidence,
  ageSeconds: number,
): Outcome | null {
  if (intent?.error_code != null) return 'rejected'
  const observed = observation?.final === true
  if (closing) {
    // What was seen of the call comes as soon as its copy ends; until then the record would say
    // null where it knows better soon.
    const sinceEndSeconds = ageSeconds - (closing.latency_ms ?? 0) / 1000
    // A latency longer than any call must not keep the record open after its hour is settled.
    const waiting =
      sinceEndSeconds <= OBSERVATION_GRACE_SECONDS && ageSeconds <= LONGEST_OPEN_SECONDS
    if (!observed && waiting) return null
    if (observed && hasWholeAnswer(observation, closing) && sawRequest(observation, closing))
      return 'complete'
    // A websocket ends when either side closes its connection. Envoy reports UC for a clean close
    // and for a broken connection; a close frame distinguishes them.
    const isWhole = observation?.response_complete === true
    const isEnd = (flag: string) =>
      closing.status === SWITCHING_PROTOCOLS &&
      (ABORTED.includes(flag) || (flag === SERVER_LEFT && isWhole))
    const flags = (closing.response_flags ?? '')
      .split(',')
      .filter((flag) => flag !== '' && !isEnd(flag))
    const has = (names: readonly string[]) => flags.some((flag) => names.includes(flag))
    if (has(ABORTED)) return 'client_aborted'
    if (has(TIMED_OUT) || closing.response_code_details?.startsWith(MAX_DURATION) === true)
      return 'upstream_timeout'
    if (has(BROKEN))
      return answerHadStarted(closing.response_code_details) ? 'upstream_reset' : 'upstream_error'
    if (!observed) return 'capture_lost'
  }
  if (observed)
    return observation.response_complete && sawRequest(observation, closing)
      ? 'complete'
      : 'capture_lost'
  return runEnded || ageSeconds > LONGEST_OPEN_SECONDS ? 'unknown' : null
}

/**
 * Many clients close the connection at the protocol's last event, and some providers leave it open
 * after that: where it was seen, and Envoy passed on all bytes up to it, nothing that follows
 * changes what the caller got.
 */
export function hasWholeAnswer(
  observation: Seen | null,
  closing: OutcomeEvidence['closing'],
): boolean {
  return isAtLeast(closing?.response_bytes, observation?.answer_end_bytes)
}

/**
 * A provider may answer before a request has ended, as many do with 413, and the rest is never
 * sent: then all that Envoy took in is all there is to see (RFC 9110 §7.5).
 */
function sawRequest(observation: Seen, closing: OutcomeEvidence['closing']): boolean {
  if (observation.request_complete) return true
  const seenBytes = 'request_bytes' in observation ? observation.request_bytes : null
  return isAtLeast(seenBytes, closing?.request_bytes)
}

/** False where one of them is not known, as in SQL. */
function isAtLeast(bytes: number | null | undefined, least: number | null | undefined): boolean {
  return bytes != null && least != null && bytes >= least
}

/**
 * A broken provider connection before the answer is a 502 of Envoy's own; after it, the caller got
 * a part.
 */
function answerHadStarted(details: string | null): boolean {
  return (
    details?.includes('response_started') === true && !details.includes('before_response_started')
  )
}
