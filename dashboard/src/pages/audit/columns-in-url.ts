import { type Column, columnNamed, DEFAULT_COLUMNS } from './columns.ts'

/** In px; a column of less shows nothing of use. */
export const LEAST_WIDTH = 48
export const MOST_WIDTH = 1_600

/** Those that a list beside a panel has no space for. */
const MINOR: readonly string[] = ['endpoint', 'cached', 'key']

/** A column as the URL has it, `model` or `model:240`. */
const WRITTEN = /^(.+?)(?::(\d{1,4}))?$/

/** The columns that a URL asks for, in its order; names that are no column are left out. */
export function columnsOf(query: URLSearchParams): readonly Column[] {
  const written = query.get('cols')?.split(',') ?? []
  const asked = new Map(written.flatMap(asEntry))
  return asked.size === 0 ? usual() : [...asked.values()]
}

/** As the URL has them; null where they are those of a list without `cols`. */
export function columnsParameter(columns: readonly Column[]): string | null {
  const text = columns.map(asWritten).join(',')
  return text === usual().map(asWritten).join(',') ? null : text
}

/** A column as wide as it may be of `px`. */
export function withWidth(column: Column, px: number): Column {
  return { ...column, width: Math.round(Math.min(MOST_WIDTH, Math.max(LEAST_WIDTH, px))) }
}

/** The columns with one of another width; null: its usual one. */
export function resized(
  columns: readonly Column[],
  id: string,
  px: number | null,
): readonly Column[] {
  return columns.map((column) => {
    if (column.id !== id) return column
    return px === null ? (columnNamed(id) ?? column) : withWidth(column, px)
  })
}

/** The usual columns without those that a list beside a panel has no space for. */
export function besidePanel(columns: readonly Column[]): readonly Column[] {
  if (columnsParameter(columns) !== null) return columns
  return columns.filter(({ id }) => !MINOR.includes(id))
}

export function usual(): readonly Column[] {
  return DEFAULT_COLUMNS.flatMap((id) => columnNamed(id) ?? [])
}

function asEntry(text: string): readonly [string, Column][] {
  const [, id = '', px] = WRITTEN.exec(text) ?? []
  // Of a tag whose name is a number.
  const named = id === 'tag' ? undefined : columnNamed(id)
  const column = named ?? columnNamed(text)
  if (column === undefined) return []
  const isWide = column === named && px !== undefined && px !== '0'
  return [[column.id, isWide ? withWidth(column, Number(px)) : column]]
}

function asWritten({ id, width }: Column): string {
  if (width !== columnNamed(id)?.width) return `${id}:${width}`
  // Without a width of its own, the end of such a tag's name would be read as one.
  return /^tag:.+:\d{1,4}$/.test(id) ? `${id}:0` : id
}
