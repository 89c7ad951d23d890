import fs from 'node:fs'
import path from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { temporaryDirectory } from '../../test/support/temporary-directory.ts'
import type { Evidence } from '../evidence/evidence.ts'
import { sampleRecordId } from '../evidence/sample-evidence.ts'
import { createEndedRuns } from './ended-runs.ts'

let directory: string
let runFile: string
let rows: Evidence[]
let asked: unknown[]
let undelivered: boolean
let nowMs: number
beforeEach(() => {
  directory = temporaryDirectory()
  runFile = path.join(directory, 'envoy-run')
  rows = []
  asked = []
  undelivered = false
  nowMs = 1_800_000_000_000
})

const recordId = sampleRecordId(1_799_999_900_000, 1)
const make = () =>
  createEndedRuns({
    runFile,
    instance: 'i1',
    spool: {
      append(row, done) {
        rows.push(row)
        done(null)
      },
    },
    abandonedCalls: async (current) => {
      asked.push(current)
      return [{ org: 'org_1', recordId, provider: 'openai' }]
    },
    isUndelivered: () => undelivered,
    nowMs: () => nowMs,
  })
function startEnvoy(run: string): void {
  fs.writeFileSync(runFile, run)
  fs.utimesSync(runFile, nowMs / 1_000, nowMs / 1_000)
}

test('calls of an earlier start are over once per start, when what was written of them is delivered', async () => {
  const ended = make()
  await ended.pass()
  expect(asked, 'no one supervises Envoy here').toEqual([])
  startEnvoy('run-2')
  await ended.pass()
  expect(asked, 'observations may still come').toEqual([])
  const startedAtMs = nowMs
  nowMs += 16_000
  undelivered = true
  await ended.pass()
  expect(asked, 'evidence is on its way').toEqual([])
  undelivered = false
  await ended.pass()
  await ended.pass()
  expect(asked).toEqual([{ gate: 'i1/gate', run: 'run-2', startedAtMs }])
  expect(rows).toEqual([
    expect.objectContaining({
      kind: 'run_ended',
      org: 'org_1',
      record_id: recordId,
      writer: 'i1/delivery',
    }),
  ])
  startEnvoy('run-3')
  nowMs += 16_000
  await ended.pass()
  expect(asked).toHaveLength(2)
})
