import { ColumnWidth, type WidthChanges } from './column-width.tsx'
import type { Column } from './columns.ts'

const PICK_WIDTH = 32
const LEAST_SHARE = 128

/** Names and widths of the columns; the edges of the names change the widths. */
export function TableHead({
  columns,
  changes,
}: {
  columns: readonly Column[]
  changes: WidthChanges
}) {
  return (
    <>
      <colgroup>
        <col style={{ width: `${PICK_WIDTH}px` }} />
        {columns.map(({ id, width }) => (
          <col key={id} style={width === 0 ? {} : { width: `${width}px` }} />
        ))}
      </colgroup>
      <thead>
        <tr aria-rowindex={1}>
          <th scope="col" class="pick">
            <span class="visually-hidden">Selected</span>
          </th>
          {columns.map((column) => (
            <th key={column.id} scope="col" class={column.isNumber ? 'number' : undefined}>
              <span class="ellipsis">{column.label}</span>
              <ColumnWidth {...{ column, changes }} />
            </th>
          ))}
        </tr>
      </thead>
    </>
  )
}

/** The head of rows that have their call in two lines. */
export function NarrowHead() {
  return (
    <thead>
      <tr aria-rowindex={1}>
        <th scope="col">Call</th>
        <th scope="col" class="number">
          Cost, $
        </th>
      </tr>
    </thead>
  )
}

/**
 * How wide the table is: below the least width the list scrolls sideways. Where no column takes what
 * is left, none is stretched beyond its own width.
 */
export function tableWidth(columns: readonly Column[]): { minWidth: string; width?: string } {
  const sum = columns.reduce((total, { width }) => total + (width || LEAST_SHARE), PICK_WIDTH)
  const minWidth = `${sum}px`
  return columns.some(({ width }) => width === 0) ? { minWidth } : { minWidth, width: minWidth }
}
