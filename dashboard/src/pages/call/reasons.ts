import type { AuditRecord } from '../../api/answers.ts'

type Sentences = Readonly<Record<string, string>>

const CAPTURE_GAPS: Sentences = {
  stream_lost: 'the copy of the call broke off: the observer was stopped, or its connection lost',
  observer_overloaded: 'the observer had no time or memory for it, and let the call go on',
  unreadable_encoding: 'its content-encoding cannot be read here',
  unreadable_body: 'its body is not in the form that the provider documents',
  reading_failed: 'a fault of the reader ended the reading',
  call_ended_early: 'the call itself ended early',
  row_refused: 'the store refused the row; what could be kept of it is here',
}
const CONTENT_GAPS: Sentences = {
  request_unreadable: 'its request was in no form that Flint reads',
  unknown_endpoint: 'its endpoint is not known to Flint',
  websocket: 'its messages held sound or pictures alone, which are not kept',
  websocket_partial: 'some of its messages held sound or pictures; the text of the others is kept',
  over_budget: 'there was no memory left for it when it came',
  spool_full: 'the disk that prompts wait on was full',
  capture_failed: 'a fault of the capture ended it',
}
const COST_REASONS: Sentences = {
  no_usage: 'the provider reported no token numbers',
  no_model: 'neither request nor answer names a model',
  unknown_model: 'the price book does not have this model',
  unknown_bucket: 'the model has no rate for something that was counted',
  unknown_input: 'how many tokens came in is not known',
  unknown_output: 'how many tokens went out is not known',
  contradicting_usage: 'parts of the usage are larger than their whole',
  storage_not_metered: 'the provider bills storage by the hour besides, which no answer reports',
  subscription: 'the provider key belongs to a plan: this is the list price, and not billed',
  estimated_usage: 'the tokens were counted by Flint, not by the provider',
  partial_usage: 'the answer was cut: these are not the provider’s final numbers',
  similar_model: 'the price book has only a model whose name begins alike; priced by that',
  unread_usage: 'the usage counts something that Flint does not read; see the raw usage',
  unknown_tier: 'no rates are published for this service tier; priced at the usual ones',
  unknown_term: 'a term applies that no one has rates for; priced at the usual ones',
  provisioned_throughput: 'capacity bought before paid for it: this is the list price, not billed',
  unreported_cache_rate: 'whether cached tokens of this tier cost less is published nowhere',
  unknown_endpoint: 'the endpoint is not known; the usage was found by its shape',
  missing_rate: 'some tokens have no rate of their own; priced as what they are part of',
  unreported_split: 'some tokens may have two special rates, and how many is not reported',
  unknown_prompt_length: 'some of the calls may have been long enough for other rates',
  unpriced_fee: 'a hosted tool ran whose fee is not reported, or has no known rate',
  fee_allowance: 'part of the grounding may be within the project’s free allowance',
  uncounted_rate: 'the model has a rate for something that Flint does not count',
}

/** As the catalogue of the API's errors has them. */
const REFUSALS: Sentences = {
  missing_provider_key: 'the key of the AI provider was absent (x-provider-key).',
  unknown_provider: 'the provider in its URL is not configured.',
  invalid_request: 'the request was not valid.',
  invalid_api_key: 'the Flint key was missing, unknown, expired or revoked.',
  forbidden: 'the Flint key does not have the scope proxy.',
  rate_limited: 'there were too many requests.',
  audit_unavailable: 'the audit log could not take it.',
}

export const refusalSays = (code: string) => REFUSALS[code] ?? ''
export const captureGapSays = (gap: string) => CAPTURE_GAPS[gap] ?? gap
export const contentGapSays = (gap: string) => CONTENT_GAPS[gap] ?? gap
export const costReasonSays = (reason: string) => COST_REASONS[reason] ?? reason

const CLAIMED = new Set<keyof AuditRecord>([
  'claimedRequestId',
  'callerRequestId',
  'sessionId',
  'traceId',
  'userAgent',
  'retryCount',
])
const OF_PROMPTS = new Set<keyof AuditRecord>([
  'promptPreview',
  'lastUserPreview',
  'promptHash',
  'completionPreview',
])
const OF_USAGE = new Set<keyof AuditRecord>([
  'inputTokens',
  'outputTokens',
  'totalTokens',
  'usageRaw',
])
const OF_PARTS = new Set<keyof AuditRecord>([
  'cachedInputTokens',
  'cacheWriteTokens',
  'cacheWrite5mTokens',
  'cacheWrite1hTokens',
  'reasoningTokens',
  'audioInputTokens',
  'audioOutputTokens',
])
const OF_PRICE = new Set<keyof AuditRecord>(['costUsd', 'costStatus', 'priceVersion'])
const OF_ENVOY = new Set<keyof AuditRecord>([
  'status',
  'latencyMs',
  'timeToFirstByteMs',
  'requestBytes',
  'responseBytes',
  'completedAt',
])

/** Why a field of the record holds nothing: which row is missing, or what no one reported. */
export function whyUnknown(
  field: keyof AuditRecord,
  record: AuditRecord,
  kinds: ReadonlySet<string>,
): string {
  const { outcome, captureGap, source } = record
  if (CLAIMED.has(field)) return 'The caller sent none.'
  if (field === 'costReason') return 'Nothing is in doubt.'
  if (field === 'captureGap' && kinds.has('observation')) return 'The capture is whole.'
  if (outcome === 'rejected') return 'Flint refused the call: nothing was forwarded.'
  if (field === 'errorCode') return 'Flint did not refuse the call.'
  if (source === 'client' && OF_ENVOY.has(field)) return 'The caller did not report it.'
  if (OF_ENVOY.has(field) && !kinds.has('closing') && !kinds.has('access_log'))
    return 'Neither Envoy’s stream nor its log file had a row of this call.'
  if (field === 'status' || field === 'timeToFirstByteMs')
    return 'The caller left before there was an answer.'
  if (OF_PRICE.has(field)) return noPrice(record)
  if (OF_PROMPTS.has(field) && record.promptCapture !== true)
    return 'Prompt capture was off when the call came.'
  const isObserved = kinds.has('observation') || kinds.has('report') || kinds.has('deferred')
  if (!isObserved)
    return captureGap === null
      ? 'The observer’s row did not come.'
      : `The observer’s row did not come: ${captureGapSays(captureGap)}.`
  if (OF_USAGE.has(field)) return 'The answer had no usage.'
  if (OF_PARTS.has(field)) return 'The provider does not report it.'
  return 'This call has none.'
}

function noPrice({ costReason, billable, usageSource }: AuditRecord): string {
  if (costReason !== null) return `No price: ${costReasonSays(costReason)}.`
  if (billable === false) return 'A call of this kind is not on the bill.'
  if (usageSource === 'none') return 'Nothing to price: the answer had no usage.'
  return 'Not priced.'
}
