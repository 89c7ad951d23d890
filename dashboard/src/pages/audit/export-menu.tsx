import { useState } from 'preact/hooks'
import { apiUrl } from '../../api/request.ts'
import { Choice } from '../../parts/fields.tsx'
import { Menu } from '../../parts/menu.tsx'
import { ToolLabel } from '../../parts/tool-label.tsx'
import { count } from '../../state/numbers.ts'
import { PROMPT_COLUMNS } from './columns.ts'
import { withParameters } from './list-query.ts'

const FORMATS = [
  { value: 'csv', label: 'CSV' },
  { value: 'ndjson', label: 'NDJSON' },
  { value: 'parquet', label: 'Parquet' },
] as const
type Format = (typeof FORMATS)[number]['value']

/** A download of every call that the filter meets, not of what is loaded. */
export function ExportMenu({
  query,
  fields,
  calls,
  timeZone,
}: {
  /** Filters and range. */
  query: URLSearchParams
  /** Of the columns that are shown. */
  fields: readonly string[]
  calls: number | undefined
  timeZone: string
}) {
  const [format, setFormat] = useState<Format>('csv')
  const [which, setWhich] = useState<'shown' | 'all'>('shown')
  const hasPrompts = which === 'shown' && fields.some((name) => PROMPT_COLUMNS.has(name))
  const asked = withParameters(query, {
    // UTC too is named in the head of a CSV.
    ...{ format, timeZone },
    ...(which === 'all' ? {} : { fields: fields.join(',') }),
    ...(hasPrompts ? { prompts: 'true' } : {}),
  })
  return (
    <Menu name="Export" role="dialog" label={<ToolLabel icon="download" text="Export" />}>
      {(close) => (
        <div class="body export-menu">
          <Choice legend="Format" options={FORMATS} value={format} onChange={setFormat} />
          <Choice
            legend="Fields"
            options={[
              { value: 'shown', label: `Of the columns shown (${fields.length})` },
              { value: 'all', label: 'All fields' },
            ]}
            value={which}
            onChange={setWhich}
          />
          <p class="small muted">
            All {count(calls)} calls of this filter, without a limit. {timesOf(format, timeZone)}{' '}
            The export leaves an event in Activity.
          </p>
          <a
            class="button primary"
            href={apiUrl('/audit/export', asked)}
            download={`flint-audit.${format}`}
            onClick={close}
          >
            Download {FORMATS.find(({ value }) => value === format)?.label}
          </a>
        </div>
      )}
    </Menu>
  )
}

/** In which zone the times of the file are. */
function timesOf(format: Format, timeZone: string): string {
  if (format === 'csv') return `Times are in ${timeZone}, as the head of the file says.`
  return `Times are UTC${timeZone === 'UTC' ? '' : `; the range is that of ${timeZone}`}.`
}
