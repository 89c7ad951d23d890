import type { Evidence } from '../../../src/evidence/evidence.ts'
import {
  sampleClosing,
  sampleIntent,
  sampleObservation,
} from '../../../src/evidence/sample-evidence.ts'

/** Evidence of calls that end just now, each seen by all; ids from `firstId` on. */
export function newCalls(org: string, firstId: number, count: number): Evidence[] {
  const createdAtMs = Date.now()
  return Array.from({ length: count }, (_, index) => {
    const call = { org, createdAtMs, id: firstId + index }
    return [sampleIntent(call), sampleObservation(call), sampleClosing(call)]
  }).flat()
}
