import { BoundedMap } from '../bounded-map.ts'

const MINUTE_MS = 60_000
const MAX_WORKLOADS = 10_000

export interface ConnectionLimits {
  readonly perWorkload: number
  readonly inAll: number
}

const LIMITS: ConnectionLimits = { perWorkload: 6_000, inAll: 60_000 }

/**
 * A workload that opens connections in a loop must not fill the disk with rows, nor take the place
 * of others: of each minute its first ones are taken, as far as all workloads together may have so
 * many.
 */
export function createConnectionRates(
  nowMs: () => number,
  { perWorkload, inAll }: ConnectionLimits = LIMITS,
): { takes(workload: string): boolean } {
  const counts = new BoundedMap<string, number>(MAX_WORKLOADS)
  let minute = Number.NaN
  let taken = 0
  return {
    takes(workload) {
      const current = Math.floor(nowMs() / MINUTE_MS)
      if (current !== minute) {
        counts.clear()
        taken = 0
      }
      minute = current
      const count = (counts.get(workload) ?? 0) + 1
      counts.set(workload, count)
      if (count > perWorkload || taken >= inAll) return false
      taken += 1
      return true
    },
  }
}
