/** A cell of a table that leaves the page. */
export type Cell = string | number | null

/** What a spreadsheet takes for the start of a formula. */
const FORMULA = /^[=+\-@\t\r]/

/**
 * Rows as CSV (RFC 4180), the first one the head. Text that a spreadsheet would compute gets a
 * leading `'`; unknown is empty.
 */
export function csvText(rows: readonly (readonly Cell[])[]): string {
  return rows.map((row) => `${row.map(cellText).join(',')}\r\n`).join('')
}

/** Rows with tabs between cells, as spreadsheets take them from the clipboard. */
export function tabText(rows: readonly (readonly Cell[])[]): string {
  return rows
    .map((row) => row.map((cell) => guarded(cell).replace(/[\t\r\n]/g, ' ')).join('\t'))
    .join('\n')
}

function cellText(cell: Cell): string {
  const text = guarded(cell)
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

function guarded(cell: Cell): string {
  if (typeof cell === 'string') return FORMULA.test(cell) ? `'${cell}` : cell
  return cell === null ? '' : String(cell)
}

/** Has the browser save `text` as a file. */
export function saveText(text: string, fileName: string, type = 'text/csv'): void {
  const url = URL.createObjectURL(new Blob([text], { type: `${type};charset=utf-8` }))
  const link = document.createElement('a')
  link.href = url
  link.download = fileName
  link.click()
  // The download has its own hold on the blob once the click is done.
  setTimeout(() => URL.revokeObjectURL(url))
}
