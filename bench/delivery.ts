/**
 * What delivery costs, with the real embedded ClickHouse and durable inserts:
 * `node dist/bench/delivery.js [seconds]`. CPU of delivery (this process) and of ClickHouse, per
 * 1,000 calls, in two regimes: a backlog that drains, and 50 calls a second as gate and observer
 * leave them, in segments of 200 ms. `rows` stores evidence alone, `rows and records` writes the
 * records as well; each is run twice, in turn, so that the difference between two runs of one kind
 * is the noise.
 */
import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { createDelivery, createDeliveryCounters, type Delivery } from '../src/delivery/delivery.ts'
import { createRecordCounters, createRecordWriter } from '../src/delivery/record-writer.ts'
import { sampleCall } from '../src/evidence/sample-evidence.ts'
import { createSettler } from '../src/store/calls/settle.ts'
import { startTemporaryStore, type TemporaryStore } from '../src/store/embedded/temporary-store.ts'
import { insertJsonLines } from '../src/store/evidence/insert-evidence.ts'
import { processTree } from '../test/support/process-tree.ts'

const BACKLOG_CALLS = 50_000
const CALLS_PER_SEGMENT = 500
const CALLS_PER_SECOND = 50
const SEGMENT_MS = 200
const pacedSeconds = Number(process.argv[2] ?? 30)
const TICKS_PER_SECOND = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }))
const PARTS = `SELECT uniqExact(name) AS parts FROM system.parts WHERE database = currentDatabase()`
const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

console.log('| | regime | calls | CPU ms per 1,000 calls | of it ClickHouse | parts |')
console.log('|---|---|---|---|---|---|')
for (const writes of ['rows', 'rows and records', 'rows', 'rows and records']) {
  await measured(writes, 'backlog', async (spool, delivery) => {
    for (let id = 0; id < BACKLOG_CALLS; id += CALLS_PER_SEGMENT) spool(id, CALLS_PER_SEGMENT)
    const running = delivery.run()
    delivery.stop(600_000)
    await running
    return BACKLOG_CALLS
  })
  await measured(writes, `${CALLS_PER_SECOND} calls/s`, async (spool, delivery) => {
    const running = delivery.run()
    const size = (CALLS_PER_SECOND * SEGMENT_MS) / 1_000
    const segments = (pacedSeconds * 1_000) / SEGMENT_MS
    for (let segment = 0; segment < segments; segment++) {
      spool(segment * size, size)
      await wait(SEGMENT_MS)
    }
    delivery.stop(60_000)
    await running
    return segments * size
  })
}

type Spool = (firstId: number, calls: number) => void

async function measured(
  writes: string,
  regime: string,
  deliver: (spool: Spool, delivery: Delivery) => Promise<number>,
): Promise<void> {
  const store = await startTemporaryStore()
  const root = fs.mkdtempSync(path.join(os.tmpdir(), 'flint-drain-'))
  try {
    const engine = processTree(process.pid).filter((pid) => pid !== process.pid)
    const [ownBefore, engineBefore] = [process.cpuUsage(), cpuMs(engine)]
    const calls = await deliver(spoolIn(root), deliveryOf(root, store, writes !== 'rows'))
    const own = process.cpuUsage(ownBefore)
    const ownMs = (own.user + own.system) / 1_000
    const engineMs = cpuMs(engine) - engineBefore
    const [parts] = await store.client.rows({ tag: 'bench', sql: PARTS })
    const per = (ms: number) => ((ms / calls) * 1_000).toFixed(0)
    console.log(
      `| ${writes} | ${regime} | ${calls} | ${per(ownMs + engineMs)} | ${per(engineMs)} | ${parts?.parts} |`,
    )
  } finally {
    await store.stop()
    fs.rmSync(root, { recursive: true, force: true })
  }
}

function deliveryOf(root: string, { client }: TemporaryStore, writesRecords: boolean): Delivery {
  const records = createRecordWriter({
    settler: createSettler({ client }),
    counters: createRecordCounters(),
    isRetryable: () => true,
    onFault: (error) => {
      throw error
    },
  })
  return createDelivery({
    spoolRoot: path.join(root, 'spool'),
    quarantine: { isEmpty: true, holds: () => false, add: () => undefined },
    insert: async (body, token) => {
      await insertJsonLines(client, { table: 'evidence', body, token })
      if (writesRecords) await records.stored(body)
    },
    isRetryable: () => true,
    counters: createDeliveryCounters(),
    onRetry: () => {},
  })
}

/** Intents in the gate's directory, the rest in the observer's. */
function spoolIn(root: string): Spool {
  const startedAtMs = Date.now()
  let segment = 0
  const directories = ['gate', 'observer'].map((role) => path.join(root, 'spool', 'one', role))
  for (const directory of directories) fs.mkdirSync(directory, { recursive: true })
  return (firstId, calls) => {
    segment += 1
    const rows = Array.from({ length: calls }, (_, index) =>
      sampleCall({ org: 'org_1', createdAtMs: startedAtMs + segment, id: firstId + index }),
    ).flat()
    for (const [index, directory] of directories.entries()) {
      const own = rows.filter(({ kind }) => (kind === 'intent') === (index === 0))
      const file = path.join(directory, `1-${String(segment).padStart(9, '0')}`)
      fs.writeFileSync(`${file}.open`, own.map((row) => `${JSON.stringify(row)}\n`).join(''))
      fs.renameSync(`${file}.open`, `${file}.ndjson`)
    }
  }
}

/** user and system time are fields 14 and 15 of /proc/<pid>/stat (proc(5)). */
function cpuMs(pids: readonly number[]): number {
  const ticks = pids.map((pid) => {
    const fields = fs.readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? []
    return Number(fields[11]) + Number(fields[12])
  })
  return (ticks.reduce((sum, count) => sum + count, 0) / TICKS_PER_SECOND) * 1_000
}
