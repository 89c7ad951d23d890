import fs from 'node:fs'
import path from 'node:path'
import { splitLines } from '../split-lines.ts'
import type { Quarantine } from './quarantine.ts'
import { readRow } from './refused-row.ts'

/**
 * Where builds before dead letters had files of their own left refused rows, one JSON object a
 * line.
 */
const EARLIER_FILE = 'evidence.ndjson'

/** Takes them into quarantine, where each becomes a row or a letter, and removes the file. */
export function adoptEarlierLetters(
  deadLetterDirectory: string,
  quarantine: Pick<Quarantine, 'add'>,
): void {
  const file = path.join(deadLetterDirectory, EARLIER_FILE)
  if (!fs.existsSync(file)) return
  const rows = new Map<string, Buffer[]>()
  for (const line of splitLines(fs.readFileSync(file))) {
    const row = Buffer.from(`${rowOf(line)}\n`)
    const { org } = readRow(row)
    rows.set(org, [...(rows.get(org) ?? []), row])
  }
  for (const [org, lines] of rows) quarantine.add(org, lines, `${EARLIER_FILE} ${org}`)
  fs.unlinkSync(file)
}

function rowOf(line: Buffer): string {
  try {
    const letter = JSON.parse(line.toString('utf8')) as { readonly row?: unknown }
    if (typeof letter.row === 'string') return letter.row
  } catch {
    // A torn line is kept as it is.
  }
  return line.toString('utf8').trimEnd()
}
