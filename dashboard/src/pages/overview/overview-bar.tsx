import type { Facets, Summary } from '../../api/answers.ts'
import { useKeyNames } from '../../api/key-names.ts'
import { get } from '../../api/request.ts'
import { type Resource, useResource } from '../../api/resource.ts'
import { Icon } from '../../parts/icon.tsx'
import { Menu, MenuItem } from '../../parts/menu.tsx'
import { RangePicker } from '../../parts/range-picker.tsx'
import { count } from '../../state/numbers.ts'
import { span } from '../../state/times.ts'
import { useQuery } from '../../state/url.ts'
import { BUCKETS, bucketOf, bucketsFor } from './bucket.ts'
import { DataUntil } from './data-until.tsx'
import { spanBefore } from './figures.ts'
import { groupLabel } from './group-label.ts'
import { GroupMenu } from './group-menu.tsx'
import { apiQuery, GROUPS, type Question } from './question.ts'

type Names = Readonly<Record<string, string | null>>

/** Range, comparison, grouping and filters, and how fresh the numbers are. */
export function OverviewBar({
  question,
  summary,
  names,
}: {
  question: Question
  summary: Resource<Summary>
  names: Names
}) {
  const { push } = useQuery()
  const { range, timeZone, bucket, isCompared } = question
  const before = spanBefore(range.toMs - range.fromMs)
  return (
    <div class="toolbar">
      <RangePicker />
      <Menu name="Compare with" label={isCompared ? `Compare: ${before}` : 'Compare: off'}>
        {(close) =>
          [true, false].map((wanted) => (
            <MenuItem
              key={wanted}
              isChosen={isCompared === wanted}
              onClick={() => {
                push({ compare: wanted ? null : 'off' })
                close()
              }}
            >
              {wanted ? `With ${before}` : 'Off'}
            </MenuItem>
          ))
        }
      </Menu>
      <GroupMenu question={question} />
      <Menu name="Bars" label={capital(BUCKETS[bucket].label)}>
        {(close) =>
          bucketsFor(range).map((name) => (
            <MenuItem
              key={name}
              isChosen={bucket === name}
              onClick={() => {
                push({ bucket: name === bucketOf(null, range) ? null : name })
                close()
              }}
            >
              {capital(BUCKETS[name].label)}
            </MenuItem>
          ))
        }
      </Menu>
      <FilterMenu name="provider" question={question} names={names} />
      <FilterMenu name="keyId" question={question} names={names} />
      <OtherFilters question={question} />
      <div class="end small muted until">
        <DataUntil summary={summary} question={question} />
        {range.last !== null && <span>{span(range.fromMs, range.toMs, timeZone)}</span>}
      </div>
    </div>
  )
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

const ALL: Readonly<Record<'provider' | 'keyId', string>> = {
  provider: 'All providers',
  keyId: 'All keys',
}

/** Narrows the page to one provider or key. */
function FilterMenu({
  name,
  question,
  names,
}: {
  name: 'provider' | 'keyId'
  question: Question
  names: Names
}) {
  const { push } = useQuery()
  const chosen = question.filters.getAll(name)
  const label =
    chosen.length === 0
      ? ALL[name]
      : chosen.map((value) => groupLabel(name, value, names)).join(', ')
  return (
    <Menu name={GROUPS[name]} label={<span class="ellipsis filter-label">{label}</span>}>
      {(close) => (
        <FilterValues
          name={name}
          question={question}
          onChoose={(value) => {
            push({ [name]: value })
            close()
          }}
        />
      )}
    </Menu>
  )
}

function FilterValues({
  name,
  question,
  onChoose,
}: {
  name: 'provider' | 'keyId'
  question: Question
  onChoose: (value: string | null) => void
}) {
  const filters = new URLSearchParams(question.filters)
  filters.delete(name)
  const asked = apiQuery({ ...question, filters }, { field: name })
  const facets = useResource(`facets ${asked}`, (signal) =>
    get<Facets>('/audit/facets', asked, signal),
  )
  const names = useKeyNames(name === 'keyId') ?? {}
  const chosen = question.filters.getAll(name)
  return (
    <>
      <MenuItem isChosen={chosen.length === 0} onClick={() => onChoose(null)}>
        {ALL[name]}
      </MenuItem>
      {facets.error !== undefined && <p class="body small error-text">{facets.error.message}</p>}
      {facets.data?.values.map(({ value, count: calls }) =>
        value === null ? null : (
          <MenuItem
            key={value}
            isChosen={chosen.includes(String(value))}
            onClick={() => onChoose(String(value))}
          >
            {groupLabel(name, String(value), names)} <span class="muted">{count(calls)}</span>
          </MenuItem>
        ),
      )}
    </>
  )
}

/** Filters that a link brought along. */
function OtherFilters({ question }: { question: Question }) {
  const { push, query } = useQuery()
  const others = [...new Set(question.filters.keys())].filter(
    (name) => name !== 'provider' && name !== 'keyId',
  )
  if (others.length === 0) return null
  return (
    <ul class="chips" aria-label="Filters">
      {others.map((name) => (
        <li key={name} class="chip">
          {name}: {query.getAll(name).join(', ')}
          <button
            type="button"
            aria-label={`Remove ${name}`}
            onClick={() => push({ [name]: null })}
          >
            <Icon name="x" />
          </button>
        </li>
      ))}
    </ul>
  )
}
