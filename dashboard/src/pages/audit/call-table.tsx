import type { ComponentChildren, RefObject, VNode } from 'preact'
import { useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks'
import { CallRow, type RowActions, type RowState } from './call-row.tsx'
import type { CellContext, Column } from './columns.ts'
import { withWidth } from './columns-in-url.ts'
import { dayName, type Row } from './rows.ts'
import { NarrowHead, TableHead, tableWidth } from './table-head.tsx'
import type { Drawn } from './windowing.ts'

interface CallTableProps {
  readonly rows: readonly Row[]
  readonly drawn: Drawn
  readonly rowHeight: number
  readonly body: RefObject<HTMLTableSectionElement | null>
  readonly columns: readonly Column[]
  /** A width in px; null: the usual one. */
  readonly onWidth: (id: string, px: number | null) => void
  readonly context: CellContext
  readonly isNarrow: boolean
  /** All rows of the filter are loaded. */
  readonly isWhole: boolean
  readonly currentId: string | null
  readonly openId: string | null
  readonly selected: ReadonlySet<string>
  readonly actions: RowActions
  readonly caption: ComponentChildren
}

/** The calls as a table of which only the rows around those that are seen are in the document. */
export function CallTable(props: CallTableProps) {
  const { rows, drawn, rowHeight, body, columns, context, isNarrow, isWhole, caption, onWidth } =
    props
  const drawRow = useCachedRows(props)
  const [dragged, drag] = useState<{ readonly id: string; readonly px: number } | null>(null)
  const shown = columns.map((one) => (one.id === dragged?.id ? withWidth(one, dragged.px) : one))
  const columnCount = isNarrow ? 2 : columns.length + 1
  return (
    <table
      class={`table calls${isNarrow ? ' narrow-rows' : ''}`}
      style={isNarrow ? {} : tableWidth(shown)}
      aria-rowcount={isWhole ? rows.length + 1 : -1}
    >
      <caption class="visually-hidden">{caption}</caption>
      {isNarrow ? <NarrowHead /> : <TableHead columns={shown} changes={{ drag, set: onWidth }} />}
      <tbody ref={body}>
        <Space rows={drawn.first} rowHeight={rowHeight} columns={columnCount} />
        {rows.slice(drawn.first, drawn.end).map((row, offset) => {
          const rowIndex = drawn.first + offset + 2
          if ('record' in row) return drawRow(row.record, rowIndex)
          return (
            <tr key={row.id} class="day" aria-rowindex={rowIndex}>
              <th scope="rowgroup" colSpan={columnCount}>
                {dayName(row.day)}, {context.timeZone}
              </th>
            </tr>
          )
        })}
        <Space rows={rows.length - drawn.end} rowHeight={rowHeight} columns={columnCount} />
      </tbody>
    </table>
  )
}

/** Stands for rows that are not drawn. */
function Space({ rows, rowHeight, columns }: { rows: number; rowHeight: number; columns: number }) {
  if (rows <= 0) return null
  return (
    // biome-ignore lint/a11y/noAriaHiddenOnFocusable: nothing in it can be focused.
    <tr class="space" aria-hidden="true">
      <td colSpan={columns} style={{ height: `${rows * rowHeight}px` }} />
    </tr>
  )
}

/** Rows by their call; one in which nothing changed is the same vnode, which Preact passes over. */
function useCachedRows({
  columns,
  context,
  isNarrow,
  currentId,
  openId,
  selected,
  actions,
}: CallTableProps) {
  const cache = useRef(new Map<string, { state: RowState; vnode: VNode }>())
  const latest = useRef(actions)
  latest.current = actions
  const stable = useRef<RowActions>({
    href: (id) => latest.current.href(id),
    open: (id) => latest.current.open(id),
    select: (id) => latest.current.select(id),
    focus: (id) => latest.current.focus(id),
  })
  const href = actions.href('')
  useMemo(() => cache.current.clear(), [columns, context, isNarrow, href])
  // Rows that are no longer drawn are let go of: a live list draws new ones for hours.
  const before = cache.current
  cache.current = new Map()

  return (record: RowState['record'], rowIndex: number): VNode => {
    const id = record.requestId
    const state: RowState = {
      ...{ record, columns, context, rowIndex, isNarrow },
      isCurrent: id === currentId,
      isOpen: id === openId,
      isSelected: selected.has(id),
    }
    const cached = before.get(id)
    if (cached !== undefined && isSame(cached.state, state)) {
      cache.current.set(id, cached)
      return cached.vnode
    }
    const vnode = <CallRow key={id} {...state} actions={stable.current} />
    cache.current.set(id, { state, vnode })
    return vnode
  }
}

function isSame(one: RowState, other: RowState): boolean {
  return Object.entries(one).every(([name, value]) => value === other[name as keyof RowState])
}

/** Focuses the link of a call once its row is drawn. */
export function useFocusOf(id: string | null, request: number, drawn: Drawn): void {
  const done = useRef(request)
  useLayoutEffect(() => {
    if (id === null || done.current === request) return
    const link = document.querySelector<HTMLElement>(`[data-call="${CSS.escape(id)}"]`)
    if (link === null) return
    done.current = request
    link.focus({ preventScroll: true })
  }, [id, request, drawn])
}
