import { currentCostReason } from '../evidence/cost-reason-names.ts'
import { ACCESS_LOG_KINDS } from '../evidence/evidence.ts'
import { jsonLine } from '../evidence/json-line.ts'
import { splitLines } from '../split-lines.ts'

/** Every row that builds before the renaming wrote has this column, no later one has. */
const EARLIER_WRITER = 'witness'
const EARLIER_COLUMN = `"${EARLIER_WRITER}":`

/**
 * The lines of a file of evidence (a segment, or one in quarantine), newline included, under
 * today's names: what an earlier build left on disk fits today's insert.
 */
export function evidenceLines(content: Buffer): Buffer[] {
  return splitLines(content).map(currentLine)
}

/** The same buffer where nothing has another name, or where the line is no row at all. */
function currentLine(line: Buffer): Buffer {
  // Inside a text the quotes are escaped, so nearly every line is known without parsing it.
  if (!line.includes(EARLIER_COLUMN)) return line
  const row = objectOf(line)
  if (row === null || !Object.hasOwn(row, EARLIER_WRITER)) return line
  return Buffer.from(jsonLine(Object.fromEntries(Object.entries(row).map(currentColumn))))
}

function currentColumn([column, value]: [string, unknown]): [string, unknown] {
  const [kind, ...earlierKinds] = ACCESS_LOG_KINDS
  if (column === EARLIER_WRITER) return ['writer', value]
  if (column === 'kind' && earlierKinds.some((earlier) => earlier === value)) return [column, kind]
  if (column === 'cost_reason' && typeof value === 'string')
    return [column, currentCostReason(value)]
  return [column, value]
}

function objectOf(line: Buffer): object | null {
  try {
    const value: unknown = JSON.parse(line.toString('utf8'))
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : null
  } catch {
    return null
  }
}
