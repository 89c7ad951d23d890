import { useState } from 'preact/hooks'
import type { AuditRecord, Facets as FacetsAnswer } from '../../api/answers.ts'
import { get } from '../../api/request.ts'
import { useResource } from '../../api/resource.ts'
import { Failure, Skeleton } from '../../parts/notices.tsx'
import { outcomeSign } from '../../parts/outcome.tsx'
import { VisibleText } from '../../parts/visible-text.tsx'
import { count } from '../../state/numbers.ts'
import { excludedOf, notValue, onlyValue, toggledValue, wantedOf } from './filter-edits.ts'
import { exactly } from './filter-fields.ts'
import type { Filter } from './filter-text.ts'
import { rangedQuery, withParameters } from './list-query.ts'

const FEW = 8

interface Facet {
  readonly field: string
  readonly label: string
  /** Open until the reader closes it. */
  readonly isOpen?: true
}

const FACETS: readonly Facet[] = [
  { field: 'provider', label: 'Provider', isOpen: true },
  { field: 'outcome', label: 'Outcome', isOpen: true },
  { field: 'model', label: 'Model', isOpen: true },
  { field: 'costStatus', label: 'Cost is', isOpen: true },
  { field: 'keyId', label: 'Key' },
  { field: 'tag', label: 'Tag' },
  { field: 'status', label: 'Status' },
  { field: 'endpoint', label: 'Endpoint' },
  { field: 'usageSource', label: 'Usage from' },
  { field: 'stream', label: 'Streamed' },
]

/** By field, as long as the page is there: which facets the reader opened or closed. */
const isOpenNow = new Map<string, boolean>()

interface FacetsProps {
  readonly filters: readonly Filter[]
  /** Those that the API takes. */
  readonly sound: readonly Filter[]
  readonly range: { readonly fromMs: number; readonly toMs: number }
  readonly timeZone: string
  readonly keyNames: Readonly<Record<string, string>>
  readonly onChange: (filters: readonly Filter[]) => void
}

/** Values of some fields with how many calls of the present filters have them. */
export function Facets(props: FacetsProps) {
  return (
    <>
      {FACETS.map((facet) => (
        <FacetOf key={facet.field} facet={facet} {...props} />
      ))}
    </>
  )
}

function FacetOf({ facet, ...props }: FacetsProps & { facet: Facet }) {
  const { field, label } = facet
  const [isOpen, setOpen] = useState(isOpenNow.get(field) ?? facet.isOpen ?? false)
  return (
    <details
      class="facet"
      open={isOpen}
      onToggle={(event) => {
        isOpenNow.set(field, event.currentTarget.open)
        setOpen(event.currentTarget.open)
      }}
    >
      <summary>
        <h2>{label}</h2>
      </summary>
      {isOpen && <Values field={field} {...props} />}
    </details>
  )
}

function Values({
  field,
  filters,
  sound,
  range,
  timeZone,
  keyNames,
  onChange,
}: FacetsProps & { field: string }) {
  const [isAll, setAll] = useState(false)
  // The field's own filter stays out, so that its other values can be chosen.
  const others = sound.filter(([name]) => name !== field)
  const query = withParameters(rangedQuery(others, range, timeZone), { field })
  const { data, error, retry } = useResource(query.toString(), (signal) =>
    get<FacetsAnswer>('/audit/facets', query, signal),
  )
  if (error !== undefined && data === undefined) return <Failure error={error} retry={retry} />
  if (data === undefined) return <Skeleton height={FEW * 12} />
  const wanted = wantedOf(filters, field)
  const excluded = excludedOf(filters, field)
  const chosen = new Set([...wanted, ...excluded])
  const found = data.values.map(({ value, count: calls }) => ({
    value: value === null ? null : exactly(field, value),
    calls,
  }))
  const counted = new Set(found.map(({ value }) => value))
  const missing = [...chosen].filter((value) => !counted.has(value))
  const values = [...found, ...missing.map((value) => ({ value, calls: null }))]
  const isMany = values.length > FEW
  const shown = isAll ? values : values.filter((one, at) => at < FEW || chosen.has(one.value ?? ''))
  if (values.length === 0) return <p class="small muted">No call</p>
  return (
    <ul>
      {shown.map(({ value, calls }) =>
        value === null ? (
          <li key="unknown" title="Calls of which it is not known">
            <span class="name muted">not known</span>
            <span class="muted">{count(calls)}</span>
          </li>
        ) : (
          <li key={value} class={excluded.includes(value) ? 'excluded' : undefined}>
            <input
              type="checkbox"
              aria-label={`${nameOf(field, value, keyNames)}, beside others`}
              checked={wanted.includes(value)}
              onChange={() => onChange(toggledValue(filters, field, value))}
            />
            <button
              type="button"
              class="name"
              title={`${value}\nClick: only this. Shift+click: not this.`}
              aria-pressed={wanted.length === 1 && wanted[0] === value}
              onClick={(event) => {
                const edit = event.shiftKey ? notValue : onlyValue
                onChange(edit(filters, field, value))
              }}
            >
              <span class="ellipsis">
                <VisibleText text={nameOf(field, value, keyNames)} />
              </span>
              <span class="muted">{count(calls)}</span>
            </button>
          </li>
        ),
      )}
      {isMany && (
        <li>
          <button type="button" class="link small" onClick={() => setAll(!isAll)}>
            {isAll ? 'Fewer' : `All ${data.more ? 'of the most frequent' : values.length}`}
          </button>
        </li>
      )}
    </ul>
  )
}

function nameOf(field: string, value: string, keyNames: Readonly<Record<string, string>>): string {
  if (field === 'keyId') return keyNames[value] ?? value
  if (field === 'outcome')
    return outcomeSign({ outcome: value as AuditRecord['outcome'], status: null }).label
  return value
}
