import { useState } from 'preact/hooks'
import { apiUrl } from '../../api/request.ts'
import { Menu } from '../../parts/menu.tsx'
import { ToolLabel } from '../../parts/tool-label.tsx'
import { count } from '../../state/numbers.ts'
import { PROMPT_COLUMNS } from './columns.ts'
import { withParameters } from './list-query.ts'

const FORMATS = { csv: 'CSV', ndjson: 'NDJSON', parquet: 'Parquet' } as const
type Format = keyof typeof FORMATS

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
  const [isAll, setAll] = useState(false)
  const hasPrompts = !isAll && fields.some((name) => PROMPT_COLUMNS.has(name))
  const asked = withParameters(query, {
    format,
    ...(isAll ? {} : { fields: fields.join(',') }),
    ...(hasPrompts ? { prompts: 'true' } : {}),
  })
  return (
    <Menu name="Export" role="dialog" label={<ToolLabel icon="download" text="Export" />}>
      {(close) => (
        <div class="body export-menu">
          <Choice name="Format" values={FORMATS} chosen={format} onChoose={setFormat} />
          <Choice
            name="Fields"
            values={{ shown: `Of the columns shown (${fields.length})`, all: 'All fields' }}
            chosen={isAll ? 'all' : 'shown'}
            onChoose={(one) => setAll(one === 'all')}
          />
          <p class="small muted">
            All {count(calls)} calls of this filter, without a limit. Times are UTC
            {timeZone === 'UTC' ? '' : `; the range is that of ${timeZone}`}. The export leaves an
            event in Activity.
          </p>
          <a
            class="button primary"
            href={apiUrl('/audit/export', asked)}
            download={`flint-audit.${format}`}
            onClick={close}
          >
            Download {FORMATS[format]}
          </a>
        </div>
      )}
    </Menu>
  )
}

function Choice<Name extends string>({
  name,
  values,
  chosen,
  onChoose,
}: {
  name: string
  values: Readonly<Record<Name, string>>
  chosen: Name
  onChoose: (name: Name) => void
}) {
  return (
    <fieldset>
      <legend>{name}</legend>
      {(Object.keys(values) as Name[]).map((one) => (
        <label key={one} class="check">
          <input type="radio" name={name} checked={one === chosen} onChange={() => onChoose(one)} />
          {values[one]}
        </label>
      ))}
    </fieldset>
  )
}
