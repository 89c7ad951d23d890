import { expect, test } from 'vitest'
import type { ListedRecord } from './flint.ts'
import { recordsByClaim } from './records.ts'

const record = (requestId: string) => ({ requestId, claimedRequestId: 'claim' }) as ListedRecord

/** A list that grows while evidence is delivered. */
function flintWith(late: readonly ListedRecord[]) {
  let waiting = late.length
  const listed = [record('1')]
  return {
    records: async () => [...listed],
    async metrics() {
      const next = late[late.length - waiting]
      if (waiting > 0 && next !== undefined) {
        waiting -= 1
        listed.push(next)
        return new Map([['flint_delivery_backlog_bytes', 100]])
      }
      return new Map([['flint_delivery_backlog_bytes', 0]])
    },
  }
}

test('a test hears of a second record of its call, even where it is delivered later', async () => {
  await expect(recordsByClaim(flintWith([record('2')]), ['claim'])).rejects.toThrow('two records')
  const records = await recordsByClaim(flintWith([]), ['claim'])
  expect(records.get('claim')?.requestId).toBe('1')
})
