import Table from 'cli-table3'
import { EXPECTED_BUCKETS } from '../test/support/expected-buckets.ts'
import { startFlint } from '../test/support/flint.ts'
import {
  REAL_CALLS,
  recordingsAvailable,
  UNRECORDED_CALLS,
} from '../test/support/recorded-calls.ts'
import { type Comparison, outcomesOf, playAll } from '../test/support/recorded-play.ts'
import { ENOUGH_REQUESTS } from '../test/support/recorded-text.ts'
import { startReplay } from '../test/support/replay.ts'
import { printCountingBand } from './counting-band.ts'

/*
 * Method (docs/accuracy.md): every recorded call goes through the real chain - replay server,
 * Envoy, observer, ClickHouse, GET /v1/audit - with its text kept, and each field of its record is
 * compared with what is expected. Of providers without recordings, samples are played. A cell is exact / compared.
 */

const TOTALS = ['inputTokens', 'outputTokens', 'totalTokens']
const PARTS = Object.keys(EXPECTED_BUCKETS).filter((name) => !TOTALS.includes(name))
const COLUMNS: readonly (readonly [head: string, fields: readonly string[]])[] = [
  ['status', ['status']],
  ['model', ['model', 'requestModel']],
  ['stream, billable', ['stream', 'billable']],
  ['usage source', ['usageSource']],
  ['in, out, total', TOTALS],
  ['other buckets', PARTS],
  ['cost', ['costUsd']],
  ['finish', ['finishReason']],
  ['prompt hash', ['promptHash']],
  ['completion', ['completion']],
]

if (!recordingsAvailable) {
  console.error('no ../shared/recordings beside the project: there is nothing to compare with')
  process.exit(1)
}
const replay = await startReplay([...REAL_CALLS, ...UNRECORDED_CALLS])
const flint = await startFlint({ upstream: replay.url, env: ENOUGH_REQUESTS })
const groups = new Map<string, { calls: number; counted: number; comparisons: Comparison[] }>()
const wrong: string[] = []
try {
  await playAll(flint, replay, { capture: true })
  for (const { recording, expected, record, comparisons } of await outcomesOf(flint, replay, {
    capture: true,
  })) {
    const name = [
      recording.provider,
      recording.operation,
      expected.stream ? 'stream' : 'plain',
    ].join(' ')
    const group = groups.get(name) ?? { calls: 0, counted: 0, comparisons: [] }
    groups.set(name, group)
    group.calls += 1
    group.counted += record.usageSource === 'estimated' ? 1 : 0
    group.comparisons.push(...comparisons)
    for (const { field, got, wanted, isExact } of comparisons)
      if (isExact === false)
        wrong.push(`${recording.id} ${name} ${field}: ${got}, expected ${wanted}`)
  }
} finally {
  await flint.stop()
  await replay.close()
}

const rate = (comparisons: readonly Comparison[], fields: readonly string[]) => {
  const compared = comparisons.filter(
    ({ field, isExact }) => fields.includes(field) && isExact !== null,
  )
  return compared.length === 0
    ? '-'
    : `${compared.filter(({ isExact }) => isExact).length}/${compared.length}`
}
const table = new Table({
  head: ['endpoint', 'calls', 'counted', ...COLUMNS.map(([head]) => head)],
  style: { head: [], border: [], compact: true },
})
for (const [name, { calls, counted, comparisons }] of [...groups].sort(([a], [b]) =>
  a < b ? -1 : 1,
))
  table.push([name, calls, counted, ...COLUMNS.map(([, fields]) => rate(comparisons, fields))])
const all = [...groups.values()].flatMap(({ comparisons }) => comparisons)
table.push(['all', replay.recordings.length, '', ...COLUMNS.map(([, fields]) => rate(all, fields))])
console.log(table.toString())
printCountingBand(replay)
console.log(wrong.length === 0 ? 'no field differs' : wrong.join('\n'))
process.exit(wrong.length === 0 ? 0 : 1)
