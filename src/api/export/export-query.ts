import { type Static, Type } from 'typebox'
import { FlintError } from '../../errors.ts'
import type { Scope } from '../../identity/principal.ts'
import { EXPORT_FORMATS, type ExportFormat } from '../../store/calls/export-columns.ts'
import { FilterQueryProperties, toCallFilter, zoneOf } from '../audit/filter-query.ts'
import { FieldsSchema, toFields } from '../audit/record-fields.ts'

export const ExportQuerySchema = Type.Object(
  {
    ...FilterQueryProperties,
    format: Type.Unsafe<ExportFormat>({
      type: 'string',
      enum: [...EXPORT_FORMATS],
      description:
        "`csv`: a cell that begins with `=`, `+`, `-`, `@`, a tab or a carriage return gets a `'` before it; numbers are as they are. `ndjson`: one record per line, verbatim. `parquet`: typed columns.",
    }),
    timeZone: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 64,
        description:
          'IANA name of the zone of times in this query that name none; default UTC. Where it is given, the times of a CSV are those of its clocks (`2025-05-04T16:22:01.123+02:00`), and the names of their columns end with it (`createdAt (Europe/Berlin)`). NDJSON and Parquet have instants in UTC.',
        examples: ['Europe/Berlin', 'Asia/Kathmandu'],
      }),
    ),
    fields: Type.Optional({
      ...FieldsSchema,
      description:
        'Only these fields of the records, as columns in this order: names with commas between them, or repeated. Default: all.',
    }),
    prompts: Type.Optional(
      Type.Boolean({
        description:
          'With previews and hashes of prompts, which are null otherwise. Needs the scope `prompts`.',
      }),
    ),
    ingestedFrom: Type.Optional(
      Type.String({
        description:
          'Only records that were ingested at this time or later: to continue an export, `ingestedAt` of the last whole record that came. ISO 8601; without a zone UTC.',
        examples: ['2025-05-04T14:22:02.410Z'],
      }),
    ),
    after: Type.Optional(
      Type.String({
        format: 'uuid',
        description:
          'With `ingestedFrom`: `requestId` of that record, which is not given out again.',
      }),
    ),
  },
  { additionalProperties: false },
)
type ExportParameters = Static<typeof ExportQuerySchema>

/** The request as an export to make; throws invalid_request naming what does not fit. */
export function toExport(
  { format, fields: names, prompts = false, after, ...query }: ExportParameters,
  scopes: readonly Scope[],
) {
  if (after !== undefined && query.ingestedFrom === undefined)
    throw new FlintError(
      'invalid_request',
      'The query parameter "after" needs "ingestedFrom", the ingestedAt of the same record.',
    )
  // Where the export begins is the reader's business, and no condition on each record.
  const { ingestedFromMs, ...filter } = toCallFilter(query, scopes)
  const fields = names === undefined ? undefined : toFields(names)
  const { timeZone } = query
  return {
    format,
    fields,
    zone: timeZone === undefined ? undefined : { zone: zoneOf(timeZone), label: timeZone },
    withPrompts: prompts,
    filter,
    ingestedFromMs,
    afterId: after,
    asked: {
      ...query,
      ...(fields === undefined ? {} : { fields }),
      ...(after === undefined ? {} : { after }),
    },
  }
}
