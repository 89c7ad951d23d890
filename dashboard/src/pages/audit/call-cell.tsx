import type { RecordPart } from '../../api/answers.ts'
import { Outcome } from '../../parts/outcome.tsx'
import { VisibleText } from '../../parts/visible-text.tsx'
import { UNKNOWN } from '../../state/numbers.ts'
import { type CellContext, type Column, titleOf } from './columns.ts'

/** What a column shows of a record, in one line. */
export function CallCell({
  column,
  record,
  context,
}: {
  column: Column
  record: RecordPart
  context: CellContext
}) {
  if (column.shows === 'outcome')
    return (
      <Outcome record={{ outcome: record.outcome ?? 'unknown', status: record.status ?? null }} />
    )
  const text = column.text(record, context)
  const title = titleOf(column, record, context)
  return (
    <span title={title}>
      {text === UNKNOWN ? UNKNOWN : <VisibleText text={text} />}
      {text.includes(UNKNOWN) && <span class="visually-hidden"> {title}</span>}
    </span>
  )
}
