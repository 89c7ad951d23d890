import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { isAlive, startFlint } from '../support/flint.ts'
import { until } from '../support/until.ts'
import { compare, type Verdict } from './comparison.ts'
import { drive } from './driver.ts'
import { type Harm, harm, mountSpool, ROLES, unmountSpool } from './schedule.ts'
import { startTruthProvider } from './truth-provider.ts'

export interface ChaosResult extends Verdict {
  readonly harm: Harm
  readonly kills: number
}

/**
 * Envoy's own promise: what a call's observation may take after its end, and the tail's patience
 * behind it.
 */
const GRACE_MS = 20_000

/**
 * One run: calls and harm for so long, then quiet, then the comparison of truth, Envoy's log,
 * ledger and records.
 */
export async function chaos({
  seconds,
  seed,
  say,
}: {
  seconds: number
  seed: number
  say: (line: string) => void
}): Promise<ChaosResult> {
  const dataDir = fs.mkdtempSync(path.join(os.tmpdir(), 'flint-chaos-'))
  const ownDisk = mountSpool(dataDir)
  if (!ownDisk)
    say('the spool has no small disk of its own (mount needs root): it is not filled in this run')
  const provider = await startTruthProvider()
  try {
    const flint = await startFlint({ upstream: provider.url, dataDir })
    try {
      const endsAt = performance.now() + seconds * 1000
      const running = () => performance.now() < endsAt
      const [calls, done] = await Promise.all([
        drive({ baseUrl: flint.baseUrl, key: flint.key, seed, running }),
        harm({ flint, provider, seed, running, say }),
      ])
      await until('everything to run again', 60_000, () =>
        ROLES.every(
          (role) =>
            fs.existsSync(path.join(dataDir, 'run', `${role}.pid`)) && isAlive(flint.pid(role)),
        ),
      )
      await new Promise((resolve) => setTimeout(resolve, GRACE_MS))
      await until('the spool to be delivered', 120_000, async () => {
        const backlog = await flint.metrics().catch(() => new Map<string, number>())
        return backlog.get('flint_delivery_backlog_bytes') === 0
      })
      // What a killed delivery had not settled is found by the next pass of the settler.
      await until('every call that is over to be settled', 60_000, async () => {
        const { open } = JSON.parse(await flint.cli('losses', '--json')) as { open: number }
        const [row] = await flint.sql<{ n: number }>(WITHOUT_RECORD)
        return Number(row?.n) === open
      }).catch(() => {})
      const logs = fs
        .readdirSync(path.join(dataDir, 'logs'))
        .filter((name) => name.startsWith('envoy-access'))
      const verdict = await compare(
        flint,
        calls,
        provider.truth,
        logs.map((name) => path.join(dataDir, 'logs', name)),
      )
      const kills = Object.values(done.kills).reduce((sum, count) => sum + count, 0)
      return { ...verdict, harm: done, kills }
    } finally {
      await flint.stop()
    }
  } finally {
    await provider.close()
    unmountSpool(dataDir)
    fs.rmSync(dataDir, { recursive: true, force: true })
  }
}

const WITHOUT_RECORD = `SELECT uniqExact(record_id) AS n FROM evidence
  WHERE kind = 'intent' AND record_id NOT IN (SELECT record_id FROM calls)`

/** What people and tests read: counts, then what must be nothing. */
export function closingLines({
  calls,
  forwarded,
  kills,
  records,
  complete,
  declared,
  undeclaredLosses,
  duplicates,
  wrongNumbers,
  reconciled,
}: ChaosResult): string[] {
  const { named: _, ...counts } = reconciled
  return [
    `forwarded: ${forwarded}`,
    `complete: ${complete}`,
    `declared in the ledger: ${declared}`,
    `reconciled with Envoy's log: ${JSON.stringify(counts)}`,
    ...[...undeclaredLosses, ...duplicates, ...wrongNumbers]
      .slice(0, 50)
      .map((line) => `! ${line}`),
    `calls: ${calls}`,
    `kills: ${kills}`,
    `records: ${records}`,
    `undeclared losses: ${undeclaredLosses.length}`,
    `duplicates: ${duplicates.length}`,
    `wrong numbers: ${wrongNumbers.length}`,
  ]
}
