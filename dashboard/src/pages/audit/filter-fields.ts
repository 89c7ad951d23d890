/** What one value of a field may be; as the API has it. */
type Kind = 'text' | 'prefix' | 'status' | 'boolean' | 'choice' | 'tag'

/** A filter by values: its parameter is repeatable, `!` before a value negates it. */
interface ValueField {
  readonly name: string
  readonly kind: Kind
  /** Said beside it in the completion. */
  readonly hint: string
  /** Where there are no others. */
  readonly values?: readonly string[]
  /** `/audit/facets` counts its values. */
  readonly counted?: true
}

/** A filter by two ends: `latencyMs:>=500`, each end a parameter of its own. */
interface RangeField {
  readonly name: string
  readonly kind: 'count' | 'decimal' | 'time'
  readonly hint: string
  readonly least: string
  readonly most: string
  /** How the upper end is written: times exclude it. */
  readonly mostSign: '<=' | '<'
}

const text = (name: string, hint: string, kind: Kind = 'text'): ValueField => ({
  ...{ name, kind, hint },
})
const counted = (name: string, kind: Kind, hint: string): ValueField => ({
  ...{ name, kind, hint },
  counted: true,
})
const choice = (
  name: string,
  hint: string,
  values: readonly string[],
  isCounted: 'counted' | 'uncounted' = 'counted',
): ValueField => ({
  ...{ name, kind: 'choice', hint, values },
  ...(isCounted === 'counted' ? { counted: true } : {}),
})

/** Every filter by values of the API, once: the box, chips, completion and facets use this. */
export const VALUE_FIELDS: readonly ValueField[] = [
  counted('provider', 'text', 'openai, anthropic, …'),
  counted('model', 'prefix', 'that answered or was asked for; gpt-4o*'),
  text('recordModel', 'that answered, else the one that was asked for; gpt-4o*', 'prefix'),
  counted('endpoint', 'prefix', 'path of the provider’s API; /v1/*'),
  choice('outcome', 'how the call ended', [
    ...['complete', 'client_aborted', 'upstream_reset', 'upstream_timeout', 'upstream_error'],
    ...['rejected', 'capture_lost', 'unknown'],
  ]),
  choice(
    'failed',
    'forwarded, and ended with 4xx, 5xx or upstream_*',
    ['true', 'false'],
    'uncounted',
  ),
  counted('status', 'status', 'HTTP status; 429, 4xx'),
  counted('keyId', 'text', 'Flint key'),
  counted('keyHint', 'text', 'end of the provider key'),
  counted('tag', 'tag', 'name:value'),
  choice('costStatus', 'how far the cost can be trusted', ['exact', 'estimated', 'unpriced']),
  choice('usageSource', 'who said the token numbers', ['provider', 'estimated', 'partial', 'none']),
  choice('source', 'who saw the call', ['proxy', 'mesh', 'client', 'derived']),
  choice('billable', 'can be on the bill', ['true', 'false']),
  choice('stream', 'the answer was streamed', ['true', 'false']),
  counted('captureGap', 'text', 'why the capture is not whole'),
  counted('credential', 'text', 'kind of the provider key'),
  counted('sessionId', 'text', 'of a coding agent'),
  counted('userAgent', 'prefix', 'of the caller; claude-cli/*'),
  text('traceId', 'of the caller’s traceparent'),
  text('callerRequestId', 'x-request-id of the caller'),
  text('claimedRequestId', 'x-flint-request-id of the caller'),
  text('providerRequestId', 'the provider’s id of the call'),
  text('responseId', 'the provider’s id of the answer'),
  text('promptHash', 'of the full prompt; needs the scope prompts'),
  counted('workload', 'prefix', 'of a mesh, that made the call'),
  counted('namespace', 'text', 'of the workload'),
  counted('serviceAccount', 'text', 'of the workload'),
  counted('cluster', 'text', 'of the workload’s proxy'),
  choice('identityBasis', 'from what the workload is known', [
    ...['peer_certificate', 'proxy_certificate', 'node_metadata', 'source_address', 'none'],
  ]),
]

export const RANGE_FIELDS: readonly RangeField[] = [
  amount('costUsd', 'decimal', 'US dollars', 'CostUsd'),
  amount('latencyMs', 'count', 'milliseconds', 'LatencyMs'),
  amount('totalTokens', 'count', 'input and output', 'TotalTokens'),
  time('completedAt', 'when the last byte was sent', 'completed'),
  time('ingestedAt', 'when the newest evidence was stored', 'ingested'),
]

function amount(name: string, kind: 'count' | 'decimal', hint: string, end: string): RangeField {
  return { name, kind, hint, least: `min${end}`, most: `max${end}`, mostSign: '<=' }
}

function time(name: string, hint: string, end: string): RangeField {
  return { name, kind: 'time', hint, least: `${end}From`, most: `${end}To`, mostSign: '<' }
}

/** Parameters of the page's URL that are no filters. */
const OF_THE_PAGE: ReadonlySet<string> = new Set([
  ...['last', 'from', 'to', 'tz', 'around', 'call', 'cols', 'live', 'group', 'compare'],
  // Of the first run, which stands in place of an empty list.
  ...['sdk', 'language'],
])
export const isOfThePage = (name: string) => OF_THE_PAGE.has(name)

const VALUES = new Map(VALUE_FIELDS.map((field) => [field.name, field]))
interface RangeEnd {
  readonly field: RangeField
  readonly sign: '>=' | '<=' | '<'
}
const ENDS = new Map<string, RangeEnd>(
  RANGE_FIELDS.flatMap((field): [string, RangeEnd][] => [
    [field.least, { field, sign: '>=' }],
    [field.most, { field, sign: field.mostSign }],
  ]),
)
export const valueField = (name: string) => VALUES.get(name)
export const rangeField = (name: string) => RANGE_FIELDS.find((field) => field.name === name)
/** The end of a range that a parameter of the API is. */
export const rangeEnd = (parameter: string) => ENDS.get(parameter)

/** A value of a record as the API takes it, which gives `!` at its start and `*` at its end a meaning. */
export function exactly(name: string, value: string): string {
  const escaped = value.replace(/^(?=\\*!)/, '\\')
  return VALUES.get(name)?.kind === 'prefix' ? escaped.replace(/\*$/, '\\*') : escaped
}

/** What is wrong with a filter of the URL; null where the API takes it. */
export function faultOf(parameter: string, value: string): string | null {
  const end = ENDS.get(parameter)
  if (end !== undefined) {
    if (end.field.kind === 'time')
      return Number.isNaN(Date.parse(value)) ? 'is no time such as 2026-05-04T14:00:00Z' : null
    const pattern = end.field.kind === 'count' ? /^\d{1,15}$/ : /^\d{1,15}(\.\d{1,12})?$/
    return pattern.test(value) ? null : 'is no amount'
  }
  const field = VALUES.get(parameter)
  if (field === undefined) return 'is no filter'
  const plain = value.replace(/^!/, '')
  if (plain === '') return 'has no value'
  if (field.values !== undefined && !field.values.includes(plain))
    return `must be one of ${field.values.join(', ')}`
  if (field.kind === 'status' && !/^[1-9](\d\d|xx)$/i.test(plain)) return 'must be as 429 or 4xx'
  if (field.kind === 'tag' && !/^[^:]+:/.test(plain)) return 'must be name:value'
  return null
}
