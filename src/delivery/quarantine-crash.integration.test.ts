import { spawn } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { temporaryDirectory } from '../../test/support/temporary-directory.ts'
import { sampleIntent } from '../evidence/sample-evidence.ts'
import { createDeadLetters } from './dead-letters.ts'

const built = path.resolve(import.meta.dirname, '../../dist/src/delivery')

/**
 * Delivers forever what lies in the spool; what the store took stands in a file, rows with `bad`
 * in them are refused.
 */
const DELIVERY = `
  const [modules, root] = process.argv.slice(1)
  const [{ createDelivery, createDeliveryCounters }, { createQuarantine, createQuarantineCounters }, { createDeadLetters }, fs] = await Promise.all([
    import(modules + '/delivery.js'), import(modules + '/quarantine.js'), import(modules + '/dead-letters.js'), import('node:fs'),
  ])
  class Refused extends Error {}
  const insert = async (lines) => {
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 3))
    if (lines.includes('bad agent')) throw new Refused('code 27')
    fs.appendFileSync(root + '/stored.ndjson', lines)
  }
  const isRetryable = (error) => !(error instanceof Refused)
  const quarantine = createQuarantine({
    directory: root + '/quarantine', letters: createDeadLetters(root + '/dead-letters'), insert, isRetryable,
    erasedAmong: async () => new Set(), probationMs: 0, counters: createQuarantineCounters(),
  })
  createDelivery({
    spoolRoot: root + '/spool', quarantine, insert, isRetryable, counters: createDeliveryCounters(), onRetry: () => {}, pollMs: 1,
  }).run()
  const work = async () => {
    await quarantine.pass()
    if (quarantine.isEmpty && fs.readdirSync(root + '/spool/a/gate').length === 0) process.exit(0)
    setTimeout(work, 1)
  }
  work()
`

let root = ''

test('every row is stored, or a letter and what stands for it, after kill -9 at any moment', async () => {
  root = temporaryDirectory()
  const spool = path.join(root, 'spool', 'a', 'gate')
  fs.mkdirSync(spool, { recursive: true })
  const rows = Array.from({ length: 300 }, (_, id) =>
    sampleIntent(
      { org: `org_${id % 5}`, createdAtMs: 1_760_000_000_000, id },
      { user_agent: id % 10 === 3 ? 'bad agent' : 'good' },
    ),
  )
  for (let from = 0; from < rows.length; from += 30) {
    const lines = rows.slice(from, from + 30).map((row) => `${JSON.stringify(row)}\n`)
    fs.writeFileSync(path.join(spool, `1-${String(from).padStart(9, '0')}.ndjson`), lines.join(''))
  }
  let kills = 0
  for (let code: number | null = null; code !== 0; ) {
    const child = spawn(process.execPath, ['--input-type=module', '-e', DELIVERY, built, root], {
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    // The first runs end early; later ones are given longer, so that the work ends however slow the
    // machine is.
    const killer = setTimeout(() => child.kill('SIGKILL'), 100 + kills * 30 + Math.random() * 100)
    ;[code] = (await once(child, 'exit')) as [number | null]
    clearTimeout(killer)
    if (code === null) kills += 1
    else expect(code).toBe(0)
  }
  const stored = fs
    .readFileSync(path.join(root, 'stored.ndjson'), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map(
      (line) => JSON.parse(line) as { record_id: string; gap?: string; user_agent: string | null },
    )
  const of = (rowsOf: typeof rows) => rowsOf.map(({ record_id }) => record_id).sort()
  const bad = rows.filter(({ user_agent }) => user_agent === 'bad agent')
  const good = rows.filter((row) => !bad.includes(row))
  const whole = new Set(
    stored.filter(({ gap }) => gap === undefined).map(({ record_id }) => record_id),
  )
  expect([...whole].sort()).toEqual(of(good))
  expect(
    [
      ...new Set(
        stored.filter(({ gap }) => gap === 'row_refused').map(({ record_id }) => record_id),
      ),
    ].sort(),
  ).toEqual(of(bad))
  const letters = await createDeadLetters(path.join(root, 'dead-letters')).list()
  expect(letters.map(({ id }) => id.split('.')[0]).sort()).toEqual(of(bad))
  expect(kills).toBeGreaterThan(0)
})
