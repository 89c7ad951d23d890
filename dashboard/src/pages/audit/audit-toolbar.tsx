import { useRef } from 'preact/hooks'
import { useLocation } from 'preact-iso'
import type { RecordPart } from '../../api/answers.ts'
import { useKeys } from '../../app/keys.ts'
import { Icon } from '../../parts/icon.tsx'
import { RangePicker } from '../../parts/range-picker.tsx'
import { exactLinkTo } from '../../state/exact-link.ts'
import { useQuery } from '../../state/url.ts'
import { exportFields } from './columns.ts'
import { ColumnsMenu } from './columns-menu.tsx'
import { ExportMenu } from './export-menu.tsx'
import { FilterBox } from './filter-box.tsx'
import { textOf } from './filter-text.ts'
import { rangedQuery } from './list-query.ts'
import { MoreMenu } from './more-menu.tsx'
import type { AuditQuery } from './use-audit-query.ts'
import { ViewsMenu } from './views-menu.tsx'

/** What the list is of, and where it can be taken: the box and the menus, with their keys. */
export function AuditToolbar({
  audit,
  records,
  calls,
  isNarrow,
  areFacetsOpen,
  onFacets,
  onCommit,
}: {
  audit: AuditQuery
  /** That are loaded: the tags of these can become columns. */
  records: readonly RecordPart[]
  /** Of the whole filter; undefined while it is not known. */
  calls: number | undefined
  isNarrow: boolean
  areFacetsOpen: boolean
  onFacets: () => void
  onCommit: (text: string, by: 'enter' | 'blur') => void
}) {
  const { path } = useLocation()
  const { query, push, href } = useQuery()
  const { range, timeZone, filters, sound, columns, context, listQuery } = audit
  const bar = useRef<HTMLDivElement>(null)
  const filtered = rangedQuery(sound, range, timeZone)
  const exactLink = exactLinkTo(path, query, range)
  const press = (menu: string) => () =>
    bar.current?.querySelector<HTMLElement>(`[data-menu="${menu}"] > button`)?.click()
  useKeys({
    v: press('views'),
    x: press('export'),
    f: onFacets,
  })
  return (
    <div class="toolbar" ref={bar}>
      <FilterBox
        text={textOf(filters)}
        query={filtered}
        keyNames={context.keyNames}
        onCommit={onCommit}
      />
      <button
        type="button"
        class="button"
        aria-label="Facets"
        aria-expanded={areFacetsOpen}
        title="Facets (f)"
        onClick={onFacets}
      >
        <Icon name="sliders-horizontal" />
      </button>
      <RangePicker />
      {!isNarrow && (
        <ColumnsMenu
          columns={columns}
          tags={[...new Set(records.flatMap(({ tags }) => Object.keys(tags ?? {})))]}
          onChange={(cols) => push({ cols })}
        />
      )}
      <span data-menu="views">
        <ViewsMenu query={query} />
      </span>
      <span data-menu="export">
        <ExportMenu {...{ timeZone, calls, query: filtered, fields: exportFields(columns) }} />
      </span>
      <MoreMenu
        query={listQuery}
        exactLink={exactLink}
        relativeLink={range.last === null ? null : new URL(href({}), location.href).href}
      />
    </div>
  )
}
