import fs from 'node:fs'
import { evidenceKey } from '../evidence/evidence-key.ts'
import { OBSERVATION_GRACE_SECONDS } from '../evidence/outcome.ts'
import { createVersionClock } from '../evidence/record-id.ts'
import { appendEvidence, type EvidenceSpool } from '../spool/evidence-spool.ts'
import type { AbandonedCall } from '../store/calls/calls-of-ended-runs.ts'

export interface EndedRunsOptions {
  /**
   * Names the start of Envoy that runs now, and by its time when that began; absent where no one
   * supervises Envoy here.
   */
  readonly runFile: string
  readonly instance: string
  readonly spool: EvidenceSpool
  readonly abandonedCalls: (current: {
    gate: string
    run: string
    startedAtMs: number
  }) => Promise<readonly AbandonedCall[]>
  /** True while evidence written before that time may still be on its way. */
  readonly isUndelivered: (atMs: number) => boolean
  readonly nowMs?: () => number
}

/**
 * Once per start of Envoy: calls of earlier starts whose end is not known are over, because what
 * carried them is gone. Waits until what was written of them is delivered and no observation is to
 * be expected any more.
 */
export function createEndedRuns(options: EndedRunsOptions): { pass(): Promise<void> } {
  const { runFile, instance, spool, abandonedCalls, isUndelivered, nowMs = Date.now } = options
  const version = createVersionClock(nowMs)
  let settledRun: string | null = null

  return {
    async pass() {
      const current = readRun(runFile)
      if (current === null || current.run === settledRun) return
      const isEarly = nowMs() - current.startedAtMs < OBSERVATION_GRACE_SECONDS * 1_000
      if (isEarly || isUndelivered(current.startedAtMs)) return
      for (const call of await abandonedCalls({ ...current, gate: `${instance}/gate` })) {
        await appendEvidence(spool, {
          kind: 'run_ended',
          ...evidenceKey(call, version(), `${instance}/delivery`),
        })
      }
      settledRun = current.run
    },
  }
}

function readRun(file: string): { readonly run: string; readonly startedAtMs: number } | null {
  try {
    return {
      run: fs.readFileSync(file, 'utf8').trim(),
      startedAtMs: Math.floor(fs.statSync(file).mtimeMs),
    }
  } catch {
    return null
  }
}
