import type { RecordPart } from '../../api/answers.ts'
import { cost, count, duration, UNKNOWN } from '../../state/numbers.ts'
import { dateTime, time } from '../../state/times.ts'
import { whyUnknown } from './unknown-reasons.ts'

/** What cells need beside their record. */
export interface CellContext {
  readonly timeZone: string
  /** By id of the Flint key. */
  readonly keyNames: Readonly<Record<string, string>>
}

export interface Column {
  /** In the URL's `cols`. */
  readonly id: string
  readonly label: string
  /** Fields of the record that it shows. */
  readonly fields: readonly string[]
  readonly isNumber: boolean
  /** In px; 0 shares what is left. */
  readonly width: number
  readonly isMono?: boolean
  /** Read after the others. */
  readonly isMuted?: boolean
  /** How it is drawn where text is not enough. */
  readonly shows?: 'link' | 'outcome'
  /** UNKNOWN where it is not known. */
  readonly text: (record: RecordPart, context: CellContext) => string
  /** Said of the cell in a tooltip; undefined: nothing more. */
  readonly title?: (record: RecordPart, context: CellContext) => string | undefined
}

const TAG = 'tag:'
/** Shown where the URL names no columns. */
export const DEFAULT_COLUMNS = [
  ...['time', 'model', 'endpoint', 'inOut', 'cached', 'cost', 'latency', 'outcome', 'key'],
] as const

const column = (
  id: string,
  label: string,
  fields: readonly string[],
  rest: Partial<Column> & Pick<Column, 'text'>,
): Column => ({ id, label, fields, isNumber: false, width: 0, ...rest })
const number = { isNumber: true }

/** Columns that put several fields together, or show one in its own way. */
const COMPOSED: readonly Column[] = [
  column('time', 'Time', ['createdAt'], {
    width: 112,
    isMono: true,
    shows: 'link',
    text: ({ createdAt }, { timeZone }) => time(Date.parse(createdAt), timeZone, 'ms'),
    title: ({ createdAt }, { timeZone }) =>
      `${dateTime(Date.parse(createdAt), timeZone, 'ms')} ${timeZone}`,
  }),
  column('model', 'Model', ['model', 'requestModel'], {
    text: ({ model, requestModel }) => model ?? requestModel ?? UNKNOWN,
    title: ({ model, requestModel }) =>
      model == null && requestModel != null
        ? `${requestModel} was asked for; no answer names a model`
        : undefined,
  }),
  column('endpoint', 'Endpoint', ['endpoint'], {
    width: 168,
    isMuted: true,
    text: ({ endpoint }) => endpoint ?? UNKNOWN,
  }),
  column('inOut', 'In / out', ['inputTokens', 'outputTokens', 'usageSource'], {
    ...number,
    width: 112,
    text: ({ inputTokens, outputTokens, usageSource }) =>
      `${sign(usageSource)}${count(inputTokens)} / ${count(outputTokens)}`,
  }),
  column('cached', 'Cached', ['cachedInputTokens'], {
    ...number,
    width: 72,
    text: ({ cachedInputTokens }) => count(cachedInputTokens),
  }),
  column('cost', 'Cost, $', ['costUsd', 'costStatus', 'costReason'], {
    ...number,
    width: 96,
    text: ({ costUsd, costStatus }) =>
      costUsd == null ? UNKNOWN : `${costStatus === 'estimated' ? '~' : ''}${cost(costUsd)}`,
  }),
  column('latency', 'Latency', ['latencyMs'], {
    ...number,
    width: 88,
    text: ({ latencyMs }) => duration(latencyMs),
  }),
  column('outcome', 'Outcome', ['outcome', 'status'], {
    width: 152,
    shows: 'outcome',
    text: ({ outcome, status }) => `${outcome} ${status ?? UNKNOWN}`,
  }),
  column('key', 'Key', ['keyId', 'keyHint'], {
    width: 128,
    text: ({ keyId, keyHint }, { keyNames }) =>
      keyId == null ? UNKNOWN : `${keyNames[keyId] ?? keyId} ${keyHint?.replace('...', '…') ?? ''}`,
    title: ({ keyId }) => keyId ?? undefined,
  }),
]

const sign = (usageSource: RecordPart['usageSource']) =>
  usageSource === 'estimated' || usageSource === 'partial' ? '~' : ''

/** Fields of a record that a column of their own can show, by what they hold. */
const TEXTS = [
  ...['requestId', 'provider', 'requestModel', 'method', 'source', 'parentId', 'usageSource'],
  ...['costStatus', 'costReason', 'priceVersion', 'parserVersion', 'finishReason'],
  ...['providerRequestId', 'responseId', 'serviceTier', 'streamError', 'errorCode', 'captureGap'],
  ...['keyId', 'keyHint', 'credential', 'promptPreview', 'lastUserPreview', 'promptHash'],
  ...['completionPreview', 'promptS3Key', 'contentGap', 'claimedRequestId', 'callerRequestId'],
  ...['sessionId', 'traceId', 'userAgent', 'stream', 'billable', 'promptCapture', 'usageRaw'],
  ...['workload', 'namespace', 'serviceAccount', 'cluster', 'identityBasis', 'tags'],
] as const
const COUNTS = [
  ...['inputTokens', 'outputTokens', 'totalTokens', 'cachedInputTokens', 'cacheWriteTokens'],
  ...['cacheWrite5mTokens', 'cacheWrite1hTokens', 'reasoningTokens', 'audioInputTokens'],
  ...['audioOutputTokens', 'turns', 'timeToFirstByteMs', 'requestBytes', 'responseBytes'],
  ...['retryCount', 'status'],
] as const
const TIMES = ['completedAt', 'expiresAt', 'ingestedAt'] as const
/** Shown to who has the scope `prompts` alone. */
export const PROMPT_COLUMNS: ReadonlySet<string> = new Set([
  ...['promptPreview', 'lastUserPreview', 'promptHash', 'completionPreview'],
])

const SINGLE: readonly Column[] = [
  ...TEXTS.map((id) =>
    column(id, spelled(id), [id], {
      width: id === 'requestId' ? 280 : 160,
      isMono: /(Id|Hash|Version|S3Key)$/.test(id),
      text: (record) => textOf(field(record, id)),
    }),
  ),
  ...COUNTS.map((id) =>
    column(id, spelled(id), [id], {
      ...number,
      width: 112,
      text: (record) => {
        const value = field(record, id)
        return typeof value === 'number' ? count(value) : UNKNOWN
      },
    }),
  ),
  ...TIMES.map((id) =>
    column(id, spelled(id), [id], {
      width: 184,
      isMono: true,
      text: (record, { timeZone }) => {
        const value = field(record, id)
        return typeof value === 'string' ? dateTime(Date.parse(value), timeZone, 'ms') : UNKNOWN
      },
    }),
  ),
]

/** All but those of tags. */
export const ALL_COLUMNS: readonly Column[] = [...COMPOSED, ...SINGLE]
const BY_ID = new Map(ALL_COLUMNS.map((one) => [one.id, one]))

/** A column by its id; of `tag:team` one of that tag. */
export function columnNamed(id: string): Column | undefined {
  if (!id.startsWith(TAG) || id === TAG) return BY_ID.get(id)
  const tag = id.slice(TAG.length)
  return column(id, tag, ['tags'], { width: 128, text: ({ tags }) => tags?.[tag] ?? UNKNOWN })
}

/** What every list asks for, whatever its columns are: rows, live changes and the panel need it. */
const ALWAYS = ['requestId', 'createdAt', 'outcome', 'status', 'ingestedAt', 'captureGap'] as const

/** Fields to ask the API for. */
export function fieldsOf(columns: readonly Column[]): readonly string[] {
  return [...new Set([...ALWAYS, ...columns.flatMap(({ fields }) => fields)])].toSorted()
}

/** Fields of a file that has the same columns. */
export function exportFields(columns: readonly Column[]): readonly string[] {
  return [...new Set(['requestId', ...columns.flatMap(({ fields }) => fields)])]
}

/** What a tooltip says of a cell: why it is not known, or what it is in full. */
export function titleOf(column: Column, record: RecordPart, context: CellContext): string {
  const text = column.text(record, context)
  const said = column.title?.(record, context)
  if (said !== undefined) return said
  if (text.includes(UNKNOWN)) return whyUnknown(record)
  return text.startsWith('~') ? `${text}: estimated` : text
}

function field(record: RecordPart, name: string): unknown {
  return Object.entries(record).find(([one]) => one === name)?.[1]
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return UNKNOWN
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

/** `timeToFirstByteMs` as `Time to first byte ms`. */
function spelled(id: string): string {
  const text = id.replace(/([a-z\d])([A-Z])/g, '$1 $2').toLowerCase()
  return text.charAt(0).toUpperCase() + text.slice(1)
}
