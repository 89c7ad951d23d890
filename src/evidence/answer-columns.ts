import type { ObservationEvidence } from './evidence.ts'
import type { CostStatus, TokenUsage, UsageSource } from './usage.ts'

/** What a reader found in an exchange; `ExchangeFacts` of the providers is one. */
export interface AnswerFacts {
  readonly model: string | null
  readonly requestModel: string | null
  readonly stream: boolean | null
  readonly finishReason: string | null
  readonly providerRequestId: string | null
  readonly serviceTier: string | null
  readonly streamError: string | null
  readonly usage: TokenUsage
  readonly usageSource: UsageSource
  readonly usageRaw: string | null
  readonly parserVersion: string
}

/** What it costs; `priceCall` of pricing gives one. */
export interface AnswerPrice {
  readonly costUsd: string | null
  readonly costStatus: CostStatus | null
  readonly priceVersion: string | null
}

/** The columns that say what an answer was, for observed and reported calls alike. Nothing read is null everywhere. */
export function answerColumns(facts: AnswerFacts | null, price: AnswerPrice | null) {
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
    parser_version: facts?.parserVersion ?? '',
    cost_usd: price?.costUsd ?? null,
    cost_status: price?.costStatus ?? null,
    price_version: price?.priceVersion ?? null,
  } satisfies Partial<ObservationEvidence>
}
