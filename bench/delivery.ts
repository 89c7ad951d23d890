import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { createDelivery, createDeliveryCounters } from '../src/delivery/delivery.js'
import { sampleCall } from '../src/evidence/sample-evidence.js'
import { startTemporaryStore } from '../src/store/embedded/temporary-store.js'
import { insertJsonLines } from '../src/store/evidence/insert-evidence.js'

/*
 * How fast a backlog drains: segments as gate and observer leave them, the real embedded
 * ClickHouse, durable inserts.
 */

const CALLS = 100_000
const ROWS_PER_SEGMENT = 1_500
const store = await startTemporaryStore()
const root = fs.mkdtempSync(path.join(os.tmpdir(), 'flint-drain-'))
try {
  const directory = path.join(root, 'spool', 'instance', 'observer')
  fs.mkdirSync(directory, { recursive: true })
  const now = Date.now()
  let lines: string[] = []
  let segments = 0
  let bytes = 0
  const close = () => {
    const text = lines.join('')
    bytes += text.length
    fs.writeFileSync(path.join(directory, `1-${String(++segments).padStart(9, '0')}.ndjson`), text)
    lines = []
  }
  for (let id = 0; id < CALLS; id++) {
    lines.push(
      ...sampleCall({ org: 'org_1', createdAtMs: now - (id % 60_000), id }).map(
        (row) => `${JSON.stringify(row)}\n`,
      ),
    )
    if (lines.length >= ROWS_PER_SEGMENT) close()
  }
  if (lines.length > 0) close()
  const counters = createDeliveryCounters()
  const delivery = createDelivery({
    spoolRoot: path.join(root, 'spool'),
    quarantine: { isEmpty: true, holds: () => false, add: () => undefined },
    insert: (body, token) => insertJsonLines(store.client, { table: 'evidence', body, token }),
    isRetryable: () => true,
    counters,
    onRetry: () => {},
  })
  const startedAt = performance.now()
  const running = delivery.run()
  delivery.stop(600_000)
  await running
  const seconds = (performance.now() - startedAt) / 1000
  console.log(
    `backlog: ${counters.rows} rows in ${segments} segments, ${(bytes / 1e6).toFixed(0)} MB, drained in ${seconds.toFixed(1)} s`,
  )
  console.log(`${Math.round(counters.rows / seconds)} rows/s`)
} finally {
  await store.stop()
  fs.rmSync(root, { recursive: true, force: true })
}
