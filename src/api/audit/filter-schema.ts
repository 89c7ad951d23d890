import { Type } from 'typebox'
import {
  RANGE_FILTERS,
  type RangeFilter,
  type RangeFilterName,
  VALUE_FILTERS,
  type ValueFilter,
  type ValueFilterName,
} from '../../store/calls/call-filters.ts'

const MAX_VALUES = 20
/** How a description continues where a trailing `*` has a meaning. */
const PREFIX = ' A trailing `*` makes it a prefix.'

const timeZoneSchema = Type.Optional(
  Type.String({
    minLength: 1,
    maxLength: 64,
    description:
      'IANA name of the zone of dates, and of times that name none; its days have 23 or 25 hours where clocks change. Default UTC.',
    examples: ['Europe/Berlin'],
  }),
)

type FilterProperties = {
  readonly [Name in ValueFilterName]: ReturnType<typeof valuesSchema>
} & { readonly [Name in RangeFilterName]: ReturnType<typeof rangeSchema> } & {
  readonly timeZone: typeof timeZoneSchema
}

/**
 * TypeBox properties of a query by which records are narrowed: of each list, sum and export of
 * records, read by `toCallFilter`.
 */
export const FilterQueryProperties: FilterProperties = {
  ...(Object.fromEntries(RANGE_FILTERS.map((row) => [row.name, rangeSchema(row)])) as Pick<
    FilterProperties,
    RangeFilterName
  >),
  timeZone: timeZoneSchema,
  ...(Object.fromEntries(VALUE_FILTERS.map((row) => [row.name, valuesSchema(row)])) as Pick<
    FilterProperties,
    ValueFilterName
  >),
}

export type FilterQuery = { readonly [Name in ValueFilterName]?: readonly string[] } & {
  readonly [Name in RangeFilterName]?: string | number
} & { readonly timeZone?: string }

/** Repeatable: `model=a&model=b`, and so is one value a list. */
function valuesSchema({ kind, description, examples, ...row }: ValueFilter) {
  return Type.Optional(
    Type.Unsafe<readonly string[]>({
      type: 'array',
      minItems: 1,
      maxItems: MAX_VALUES,
      description: `${description}${kind === 'prefix' ? PREFIX : ''} Repeatable: any of the values; \`!\` before one: none of them.`,
      examples: examples.map((example) => [example]),
      items: { type: 'string', ...valueSchema({ kind, ...row }) },
    }),
  )
}

/** What one value may be, negated or not. */
function valueSchema({
  kind,
  values,
  pattern,
  maxLength = 256,
}: Pick<ValueFilter, 'kind' | 'values' | 'pattern' | 'maxLength'>): object {
  const closed = kind === 'boolean' ? ['true', 'false'] : values
  if (closed !== undefined) return { enum: [...closed, ...closed.map((value) => `!${value}`)] }
  if (kind === 'status') return { pattern: '^!?([1-9][0-9][0-9]|[1-9][xX][xX])$' }
  if (pattern !== undefined) return { pattern: pattern.replace('^', '^!?') }
  return { minLength: 1, maxLength }
}

function rangeSchema({ of, description, examples }: RangeFilter) {
  const annotations = { description, examples }
  return Type.Optional(
    Type.Unsafe<string | number>(
      of === 'count'
        ? { type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER, ...annotations }
        : of === 'decimal'
          ? { type: 'string', pattern: '^[0-9]{1,15}([.][0-9]{1,12})?$', ...annotations }
          : { type: 'string', ...annotations },
    ),
  )
}
