import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Arrival } from '../../store/calls/live-queries.ts'
import { ArrivalsSeen } from './arrivals-seen.ts'

const REACH = 30

/** A row that an insert began to write at one moment, and that could be seen from a later one on. */
const ROWS = fc.array(
  fc.record({
    record: fc.nat(5),
    beganMs: fc.nat(200),
    tookMs: fc.nat(REACH - 10),
  }),
  { maxLength: 30 },
)

test('the latest version of each record is shown, once, however late its row can be seen', () => {
  fc.assert(
    fc.property(ROWS, (rows) => {
      const arrivals = rows.map(
        ({ record, beganMs, tookMs }, n): Arrival & { readonly seenMs: number } => ({
          recordId: `record-${record}`,
          createdAtMs: 0,
          ingestedAtMs: beganMs,
          version: BigInt(n),
          seenMs: beganMs + tookMs,
        }),
      )
      const seen = new ArrivalsSeen(0, REACH)
      const shown: Arrival[] = []
      for (let nowMs = 0; nowMs <= 250; nowMs += 7) {
        const found = arrivals.filter(
          ({ seenMs, ingestedAtMs }) => seenMs <= nowMs && ingestedAtMs >= seen.sinceMs,
        )
        const fresh = seen.unseen(found)
        seen.add(found)
        shown.push(...fresh)
      }
      const versions = (of: readonly Arrival[], id: string) =>
        of.filter(({ recordId }) => recordId === id).map(({ version }) => version)
      for (const id of new Set(arrivals.map(({ recordId }) => recordId))) {
        const all = versions(arrivals, id)
        const given = versions(shown, id)
        expect(new Set(given).size).toBe(given.length)
        // Versions ascend.
        expect(given).toContain(all.at(-1))
      }
    }),
    { numRuns: 500 },
  )
})
