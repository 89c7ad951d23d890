import { expect, test } from 'vitest'
import { sampleAccessLogRow, sampleObservation } from '../evidence/sample-evidence.ts'
import { evidenceLines } from './evidence-lines.ts'

const CALL = { org: 'org_1', createdAtMs: 1_760_000_000_000 }
const rowsOf = (lines: readonly Buffer[]) => lines.map((line) => JSON.parse(line.toString('utf8')))
const file = (...lines: readonly string[]) => Buffer.from(lines.map((line) => `${line}\n`).join(''))

/** As builds before the renaming wrote a row: its writer under another name, in the same place. */
function earlierLine(row: { readonly writer: string }, columns: object = {}): string {
  const line = JSON.stringify({ ...row, ...columns })
  expect(line).toContain('"writer":')
  return line.replace('"writer":', '"witness":')
}

test('rows of an earlier build come under today’s names, with all else as it was', () => {
  const logged = sampleAccessLogRow(CALL)
  const seen = sampleObservation(CALL, {
    cost_usd: '0.000000000001',
    cost_reason: 'unreported_split',
    usage_raw: '{"witness":1,"n":1.0}',
  })
  const content = file(
    earlierLine(logged, { kind: 'witness' }),
    earlierLine(seen, { cost_reason: 'untold_split' }),
    earlierLine(seen, { cost_reason: 'untold_cache_rate' }),
    earlierLine(seen, { cost_reason: 'unknown_tier' }),
  )
  expect(rowsOf(evidenceLines(content))).toEqual([
    logged,
    seen,
    { ...seen, cost_reason: 'unreported_cache_rate' },
    { ...seen, cost_reason: 'unknown_tier' },
  ])
})

test('a segment may hold rows of both builds, each is one line', () => {
  const lines = evidenceLines(
    file(earlierLine(sampleObservation(CALL)), JSON.stringify(sampleObservation(CALL))),
  )
  expect(rowsOf(lines)).toEqual([sampleObservation(CALL), sampleObservation(CALL)])
  expect(lines.every((line) => line.indexOf('\n') === line.length - 1)).toBe(true)
})

test('nothing else is touched: today’s rows, tags of that name, what is no row', () => {
  const lines = [
    JSON.stringify({ ...sampleObservation(CALL), tags: { witness: 'a', kind: 'witness' } }),
    JSON.stringify({ ...sampleObservation(CALL), model: '"witness":' }),
    '{"witness":"half a row',
    '["witness"]',
    '',
  ]
  expect(evidenceLines(file(...lines)).map(String)).toEqual(lines.map((line) => `${line}\n`))
})
