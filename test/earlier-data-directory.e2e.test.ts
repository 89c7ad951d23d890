import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type FlintUnderTest, type ListedRecord, PROJECT, startFlint } from './support/flint.ts'
import { until } from './support/until.ts'

/**
 * A data directory of a build that had other names
 * (test/fixtures/earlier-data-directory/README.md), opened by the program of today.
 */
const FIXTURE = path.join(PROJECT, 'test/fixtures/earlier-data-directory')
/** As that build showed the records once it had delivered everything itself. */
const EXPECTED: readonly ListedRecord[] = JSON.parse(
  fs.readFileSync(path.join(FIXTURE, 'records.json'), 'utf8'),
)
const RENAMED_REASONS: Readonly<Record<string, string>> = {
  untold_split: 'unreported_split',
  untold_cache_rate: 'unreported_cache_rate',
}

let root: string
let dataDir: string
let flint: FlintUnderTest
/** Lines of Envoy's log that the earlier build had worked off. */
let linesDone: number

beforeAll(async () => {
  root = fs.mkdtempSync(path.join(os.tmpdir(), 'flint-earlier-'))
  execFileSync('tar', ['-xzf', path.join(FIXTURE, 'data.tar.gz'), '-C', root])
  dataDir = path.join(root, 'data')
  linesDone = continueLog(path.join(dataDir, 'run', 'witness-offset.json'))
  flint = await startFlint({ dataDir })
})
afterAll(async () => {
  await flint?.stop()
  fs.rmSync(root, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
})

const logFile = () => path.join(dataDir, 'logs', 'envoy-access.ndjson')
const linesIn = (content: Buffer) => content.toString('utf8').split('\n').length - 1

/** The unpacked log has another inode: the offset names it again, as in a directory in place. */
function continueLog(offsetFile: string): number {
  const { offset } = JSON.parse(fs.readFileSync(offsetFile, 'utf8')) as { offset: number }
  const { ino: inode } = fs.statSync(logFile())
  fs.writeFileSync(offsetFile, JSON.stringify({ inode, offset }))
  return linesIn(fs.readFileSync(logFile()).subarray(0, offset))
}

const segments = () =>
  fs
    .readdirSync(path.join(dataDir, 'spool'), { recursive: true })
    .filter((name) => String(name).endsWith('.ndjson'))

/** When a row reached the store is the one thing that may differ. */
const comparable = (records: readonly ListedRecord[]) =>
  records
    .map((record) => ({ ...record, ingestedAt: null }))
    .sort((one, other) => one.requestId.localeCompare(other.requestId))

test('shows every record as before, delivered or not, under the names of today', async () => {
  const waiting = EXPECTED.filter(({ claimedRequestId }) => claimedRequestId?.startsWith('undeli'))
  expect(waiting.length).toBeGreaterThan(2)
  await until('the segments to be delivered', 60_000, () => segments().length === 0)
  const renamed = EXPECTED.map((record) => ({
    ...record,
    // Columns that came later are null in rows of that build.
    credential: null,
    sessionId: null,
    lastUserPreview: null,
    turns: null,
    workload: null,
    namespace: null,
    serviceAccount: null,
    cluster: null,
    identityBasis: null,
    costReason: RENAMED_REASONS[record.costReason ?? ''] ?? record.costReason,
  }))
  // Their hours are settled by a pass once a minute.
  const records = await flint.settled(EXPECTED.length, {}, 150_000)
  expect(comparable(records)).toEqual(comparable(renamed))
  expect(new Set(records.map(({ costReason }) => costReason))).toEqual(
    new Set([null, 'unreported_split', 'unreported_cache_rate']),
  )
  expect(await flint.sql('SELECT count() AS n, uniqExact(record_id) AS calls FROM calls')).toEqual([
    { n: EXPECTED.length, calls: EXPECTED.length },
  ])
})

test('counts old and new access log rows alike, each call once', async () => {
  expect(
    await flint.sql(`SELECT claimed_request_id AS claim, outcome FROM calls
      WHERE record_id IN (SELECT record_id FROM evidence WHERE kind IN ('witness', 'access_log'))
      ORDER BY claim`),
  ).toEqual([
    { claim: 'delivered-log-only', outcome: 'capture_lost' },
    { claim: 'undelivered-log-only', outcome: 'capture_lost' },
    { claim: 'undelivered-observed', outcome: 'capture_lost' },
  ])
  // What was stored keeps its kind; what waited in the spool was stored by this build.
  expect(
    await flint.sql(
      `SELECT kind, count() AS n FROM evidence WHERE kind IN ('witness', 'access_log') GROUP BY kind ORDER BY kind`,
    ),
  ).toEqual([
    { kind: 'access_log', n: 2 },
    { kind: 'witness', n: 1 },
  ])
  expect(await flint.sql("SELECT count() AS n FROM evidence WHERE writer = ''")).toEqual([{ n: 0 }])
})

test('reads Envoy’s log on from where the earlier build stopped', async () => {
  expect(linesDone).toBeGreaterThan(0)
  await until(
    'the rest of the log, and no more than that',
    30_000,
    async () =>
      (await flint.metrics()).get('flint_access_log_lines_total') ===
      linesIn(fs.readFileSync(logFile())) - linesDone,
  )
  expect(fs.readdirSync(path.join(dataDir, 'run'))).toContain('access-log-offset.json')
  expect(fs.readdirSync(path.join(dataDir, 'run'))).not.toContain('witness-offset.json')
})
