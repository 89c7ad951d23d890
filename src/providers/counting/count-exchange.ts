import { countingOf } from '../endpoints.ts'
import { jsonObject } from '../json/text.ts'
import { answerText } from './answer-text.ts'
import type { CountTokens } from './encoding.ts'
import type { UncountedExchange } from './retained-exchange.ts'

/**
 * What was counted; null where the text does not show it (pictures, sound, what the provider
 * keeps).
 */
export interface ExchangeCounts {
  readonly inputTokens: number | null
  readonly outputTokens: number
}

/**
 * Around a call of a tool as an answer, beside its name and arguments (measured over recorded
 * answers).
 */
const PER_CALL = 7

/**
 * Counts both sides of a call. The request is JSON, the answer server-sent events; either may be
 * cut short.
 */
export function countExchange(
  { format, request, answer }: UncountedExchange,
  count: CountTokens,
): ExchangeCounts {
  const { text, calls } = answerText(format, answer)
  const outputTokens =
    count(text) +
    calls.reduce((sum, call) => sum + PER_CALL + count(call.name) + count(call.arguments), 0)
  const body = request === null ? null : jsonObject(new TextDecoder().decode(request))
  return {
    inputTokens: body === null ? null : (countingOf(format)?.countInput?.(body, count) ?? null),
    outputTokens,
  }
}
