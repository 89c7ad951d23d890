import { type Static, Type } from 'typebox'
import { FlintError } from '../../errors.ts'
import type { Scope } from '../../identity/principal.ts'
import { DIMENSION_NAMES } from '../../store/calls/rollup-columns.ts'
import { type GroupName, groupNamed } from '../../store/calls/summary-keys.ts'
import type { SummaryQuery } from '../../store/calls/summary-queries.ts'
import { MEASURES, type Measure } from '../../store/calls/summary-totals.ts'
import { DEFAULT_RANGE_PROPERTIES, withBothEnds } from '../audit/default-range.ts'
import { FilterQueryProperties, toCallFilter } from '../audit/filter-query.ts'
import { autoBucket, BUCKETS, type Bucket, bucketBegins } from './time-buckets.ts'

const MAX_BUCKETS = 1_000
const MAX_GROUPS = 100
const DEFAULT_GROUPS = 10
const MAX_DIMENSIONS = 3
/** Groups times buckets of one answer, some 10 MB. */
const MAX_CELLS = 20_000

const BUCKET_NAMES = ['auto', 'none', ...BUCKETS] as const

export const SummaryQuerySchema = Type.Object(
  {
    ...FilterQueryProperties,
    ...DEFAULT_RANGE_PROPERTIES,
    groupBy: Type.Optional(
      Type.String({
        maxLength: 512,
        description: `By what to group, up to ${MAX_DIMENSIONS} with commas between them: ${DIMENSION_NAMES.join(', ')}; \`tag:name\` for the values of a tag, which reads all records of the range.`,
        examples: ['model', 'model,keyId', 'tag:team'],
      }),
    ),
    bucket: Type.Optional(
      Type.Unsafe<(typeof BUCKET_NAMES)[number]>({
        type: 'string',
        enum: [...BUCKET_NAMES],
        description: `Length of a bucket of time: quarter, hour, day, week from Monday, month, each as clocks in \`timeZone\` show it. \`auto\` (default): the finest that makes no more than 200; \`none\`: totals only. At most ${MAX_BUCKETS}.`,
      }),
    ),
    timeZone: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 64,
        description: 'IANA name of the zone that days, weeks and months are cut in; default UTC.',
        examples: ['Europe/Berlin', 'Asia/Kathmandu'],
      }),
    ),
    measures: Type.Optional(
      Type.String({
        maxLength: 64,
        description: `What to sum up beside calls, with commas between them: ${MEASURES.join(', ')}. All when left out; fewer are faster.`,
        examples: ['cost', 'tokens,cost'],
      }),
    ),
    compare: Type.Optional(
      Type.Unsafe<'previous'>({
        type: 'string',
        enum: ['previous'],
        description: '`previous`: totals of the span of the same length that ends at `from`.',
      }),
    ),
    limit: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: MAX_GROUPS,
        description: `Groups to name, default ${DEFAULT_GROUPS}: those of the highest cost in the range and what it is compared with; all others are \`other\`.`,
      }),
    ),
  },
  { additionalProperties: false },
)

export interface SummaryRequest {
  readonly query: Omit<SummaryQuery, 'org'>
  readonly bucket: Bucket | 'none'
  readonly timeZone: string
}

/** Throws invalid_request naming the parameter that does not fit. */
export function toSummaryRequest(
  {
    groupBy,
    bucket: asked = 'auto',
    timeZone = 'UTC',
    measures,
    compare,
    limit = DEFAULT_GROUPS,
    ...filtered
  }: Static<typeof SummaryQuerySchema>,
  scopes: readonly Scope[],
  nowMs: number,
): SummaryRequest {
  const filter = toCallFilter({ ...filtered, timeZone }, scopes)
  const { fromMs, toMs } = withBothEnds(filter, nowMs)
  const names = groupsOf(groupBy)
  if (names.length > MAX_DIMENSIONS)
    throw new FlintError(
      'invalid_request',
      `The query parameter "groupBy" has more than ${MAX_DIMENSIONS} names.`,
    )
  const bucket = asked === 'auto' ? autoBucket({ fromMs, toMs }) : asked
  const bucketsMs =
    bucket === 'none' ? [fromMs] : bucketBegins({ fromMs, toMs }, bucket, timeZone, MAX_BUCKETS)
  if (bucketsMs === null)
    throw new FlintError(
      'invalid_request',
      `The query parameter "bucket" makes more than ${MAX_BUCKETS} buckets of this range.`,
    )
  if (names.length > 0 && bucketsMs.length * (limit + 1) > MAX_CELLS)
    throw new FlintError(
      'invalid_request',
      `The query parameter "limit" is too large for ${bucketsMs.length} buckets: ${MAX_CELLS} sums are the most.`,
    )
  return {
    bucket,
    timeZone,
    query: {
      fromMs,
      toMs,
      filter,
      groupBy: names,
      bucketsMs,
      measures:
        measures === undefined
          ? MEASURES
          : listOf('measures', measures, [...MEASURES, 'calls']).filter(
              (name): name is Measure => name !== 'calls',
            ),
      before: compare === undefined ? null : { fromMs: fromMs - (toMs - fromMs), toMs: fromMs },
      limit,
    },
  }
}

function groupsOf(text: string | undefined): readonly GroupName[] {
  return namesOf(text).map((name) => {
    const found = groupNamed(name)
    if (found === null) throw unknownName('groupBy', [...DIMENSION_NAMES, 'tag:name'])
    return found
  })
}

function listOf<T extends Measure | 'calls'>(
  parameter: string,
  text: string | undefined,
  known: readonly T[],
): readonly T[] {
  return namesOf(text).map((name) => {
    const found = known.find((candidate) => candidate === name)
    if (found === undefined) throw unknownName(parameter, known)
    return found
  })
}

/** Each once. */
function namesOf(text = ''): readonly string[] {
  return [...new Set(text.split(',').filter((name) => name !== ''))]
}

function unknownName(parameter: string, known: readonly string[]): FlintError {
  return new FlintError(
    'invalid_request',
    `The query parameter "${parameter}" must be of ${known.join(', ')}.`,
  )
}
