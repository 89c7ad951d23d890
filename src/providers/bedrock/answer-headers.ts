import type { AnswerContext } from '../wire-format.ts'

const PREFIX = 'x-amzn-bedrock-'
/** By the header's name: what the metrics of a stream call the same count. */
const COUNTS: readonly (readonly [header: string, name: string])[] = [
  [`${PREFIX}input-token-count`, 'inputTokenCount'],
  [`${PREFIX}output-token-count`, 'outputTokenCount'],
  [`${PREFIX}cache-read-input-token-count`, 'cacheReadInputTokenCount'],
  [`${PREFIX}cache-write-input-token-count`, 'cacheWriteInputTokenCount'],
]
const TIER = `${PREFIX}service-tier`
const LATENCY = `${PREFIX}performanceconfig-latency`
const COUNT = /^\d{1,15}$/
const NAME = /^[\w-]{1,64}$/

/** Headers of InvokeModel's answers, for models whose bodies leave the counts out. */
export const answerHeaders: readonly string[] = [...COUNTS.map(([header]) => header), TIER, LATENCY]

/** The counts as the JSON of stream metrics; undefined where there are none. */
export function headerCounts({ header }: AnswerContext): string | undefined {
  const found = COUNTS.flatMap(([from, name]) => {
    const value = header(from)
    return value !== undefined && COUNT.test(value) ? [[name, Number(value)] as const] : []
  })
  return found.length === 0 ? undefined : JSON.stringify(Object.fromEntries(found))
}

/** Under which terms the call was served; null where the headers do not say. */
export function headerTerms({ header }: AnswerContext): {
  readonly tier: string | null
  readonly latency: string | null
} {
  return { tier: nameIn(header(TIER)), latency: nameIn(header(LATENCY)) }
}

function nameIn(value: string | undefined): string | null {
  return value !== undefined && NAME.test(value) ? value : null
}
