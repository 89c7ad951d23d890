import { type Static, Type } from 'typebox'
import { FlintError } from '../../errors.ts'
import { EXPORT_FORMATS, type ExportFormat } from '../../store/calls/export-columns.ts'
import { parseIsoTime } from '../audit/iso-time.ts'
import { FilterProperties, toFilter } from '../record-filter.ts'

export const ExportQuerySchema = Type.Object(
  {
    ...FilterProperties,
    format: Type.Unsafe<ExportFormat>({
      type: 'string',
      enum: [...EXPORT_FORMATS],
      description:
        "`csv`: a cell that begins with `=`, `+`, `-`, `@`, a tab or a carriage return gets a `'` before it; numbers are as they are. `ndjson`: one record per line, verbatim. `parquet`: typed columns.",
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
export function toExport({
  format,
  prompts = false,
  ingestedFrom,
  after,
  ...filter
}: ExportParameters) {
  if (after !== undefined && ingestedFrom === undefined)
    throw new FlintError(
      'invalid_request',
      'The query parameter "after" needs "ingestedFrom", the ingestedAt of the same record.',
    )
  return {
    format,
    withPrompts: prompts,
    filter: toFilter(filter),
    ingestedFromMs: ingestedFrom === undefined ? undefined : timeOf('ingestedFrom', ingestedFrom),
    afterId: after,
    asked: {
      ...filter,
      ...(ingestedFrom === undefined ? {} : { ingestedFrom }),
      ...(after === undefined ? {} : { after }),
    },
  }
}

function timeOf(name: string, text: string): number {
  const time = parseIsoTime(text)
  if (time === null)
    throw new FlintError(
      'invalid_request',
      `The query parameter "${name}" is not an ISO 8601 date or time, e.g. 2025-05-01T12:00:00Z.`,
    )
  return time.ms
}
