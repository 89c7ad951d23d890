import type { RecordPart } from '../../api/answers.ts'
import { date } from '../../state/times.ts'

/** A row of the table: a call, or the day that begins above it; all are of the same height. */
export type Row =
  | { readonly id: string; readonly record: RecordPart }
  | { readonly id: string; readonly day: string }

/** Calls, newest first, with a row before the first of each day of the zone. */
export function rowsOf(records: readonly RecordPart[], timeZone: string): readonly Row[] {
  const rows: Row[] = []
  let last = ''
  let lastHour = ''
  for (const record of records) {
    // No zone's day begins but at a quarter of an hour of UTC.
    const quarter =
      record.createdAt.slice(0, 14) + Math.floor(Number(record.createdAt.slice(14, 16)) / 15)
    if (quarter !== lastHour) {
      lastHour = quarter
      const day = date(Date.parse(record.createdAt), timeZone)
      if (day !== last) rows.push({ id: day, day })
      last = day
    }
    rows.push({ id: record.requestId, record })
  }
  return rows
}

/** `Monday 4 May 2026` */
export function dayName(day: string): string {
  return LONG.format(Date.parse(`${day}T12:00:00Z`)).replace(',', '')
}

const LONG = new Intl.DateTimeFormat('en-GB', {
  ...{ weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' },
  timeZone: 'UTC',
})

/** The call `steps` below the one with the id, or above it; the first where there is none. */
export function callBeside(rows: readonly Row[], id: string | null, steps: number): string | null {
  const calls = rows.filter((row) => 'record' in row)
  const at = calls.findIndex((row) => row.id === id)
  const next = at === -1 ? 0 : Math.min(Math.max(at + steps, 0), calls.length - 1)
  return calls[next]?.id ?? null
}
