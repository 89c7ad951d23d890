import type { RecordPart } from '../../api/answers.ts'
import { Outcome } from '../../parts/outcome.tsx'
import { CallCell } from './call-cell.tsx'
import { type CellContext, type Column, columnNamed } from './columns.ts'

/** What a row shows; it is drawn again when one of these changes. */
export interface RowState {
  readonly record: RecordPart
  readonly columns: readonly Column[]
  readonly context: CellContext
  readonly rowIndex: number
  readonly isNarrow: boolean
  /** Tab reaches it. */
  readonly isCurrent: boolean
  readonly isOpen: boolean
  readonly isSelected: boolean
}

export interface RowActions {
  readonly href: (id: string) => string
  readonly open: (id: string) => void
  readonly select: (id: string) => void
  readonly focus: (id: string) => void
}

const ofNarrow = (id: string): Column => columnNamed(id) as Column
const [TIME, MODEL, COST, LATENCY] = ['time', 'model', 'cost', 'latency'].map(ofNarrow)

/** One call. Its time is a link to its page; the whole row opens it beside the list. */
export function CallRow({ actions, ...state }: RowState & { actions: RowActions }) {
  const { record, columns, context, rowIndex, isNarrow, isCurrent, isOpen, isSelected } = state
  const { requestId } = record
  const link = TIME !== undefined && (
    <a
      class="cell"
      href={actions.href(requestId)}
      tabIndex={isCurrent ? 0 : -1}
      data-call={requestId}
      aria-current={isOpen ? 'true' : undefined}
      onFocus={() => actions.focus(requestId)}
      onClick={(event) => opensBeside(event) && actions.open(requestId)}
    >
      <CallCell column={TIME} record={record} context={context} />
    </a>
  )
  if (isNarrow)
    return (
      <tr aria-rowindex={rowIndex} class={isSelected || isOpen ? 'chosen' : undefined}>
        <td>
          <div class="ellipsis">
            {MODEL && <CallCell column={MODEL} {...{ record, context }} />}
          </div>
          <div class="ellipsis muted">
            {link} <Outcome record={{ outcome: 'unknown', status: null, ...record }} />
          </div>
        </td>
        <td class="number">
          <div>{COST && <CallCell column={COST} {...{ record, context }} />}</div>
          <div class="muted">
            {LATENCY && <CallCell column={LATENCY} {...{ record, context }} />}
          </div>
        </td>
      </tr>
    )
  return (
    <tr
      aria-rowindex={rowIndex}
      class={isSelected || isOpen ? 'chosen' : undefined}
      onClick={(event) => opensBeside(event) && actions.open(requestId)}
    >
      <td class="pick">
        <input
          type="checkbox"
          tabIndex={-1}
          aria-label="Select this call"
          checked={isSelected}
          onClick={(event) => event.stopPropagation()}
          onChange={() => actions.select(requestId)}
        />
      </td>
      {columns.map((column) => (
        <td key={column.id} class={classOf(column)}>
          {column.shows === 'link' ? link : <CallCell {...{ column, record, context }} />}
        </td>
      ))}
    </tr>
  )
}

function classOf({ isNumber, isMono = false, isMuted = false }: Column): string {
  return ['ellipsis', isNumber && 'number', isMono && 'id', isMuted && 'muted']
    .filter(Boolean)
    .join(' ')
}

/** Whether a click is a plain one, which the page answers; all others do what they do to links. */
function opensBeside(event: MouseEvent): boolean {
  if (event.defaultPrevented || event.button !== 0) return false
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return false
  if ((getSelection()?.toString() ?? '') !== '') return false
  event.preventDefault()
  event.stopPropagation()
  return true
}
