import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTemporaryStore, type TemporaryStore } from '../store/embedded/temporary-store.ts'
import { createIdentityLog, type IdentityLog } from '../store/identity/identity-log.ts'
import type { KeyRow } from '../store/identity/identity-rows.ts'
import { createKeyAdmin } from './key-admin.ts'

let store: TemporaryStore
beforeAll(async () => {
  store = await startTemporaryStore()
})
afterAll(() => store?.stop())

test('a revoked key stays revoked, and an ended one ended, whatever other replicas make of what they read before', async () => {
  const acts = fc.array(
    fc.record({
      admin: fc.integer({ min: 0, max: 2 }),
      act: fc.constantFrom('read', 'rename', 'rotate', 'revoke'),
    }),
    {
      minLength: 2,
      maxLength: 8,
    },
  )
  await fc.assert(
    fc.asyncProperty(acts, async (steps) => {
      await store.client.run({ tag: 'test', sql: 'TRUNCATE TABLE identity_events' })
      const log = createIdentityLog(store.client)
      // Two APIs and the command line, each of which acts on the list that it read last.
      const admins = [0, 1, 2].map(() => {
        let seen: readonly KeyRow[] | null = null
        const behind: IdentityLog = { ...log, listKeys: async () => seen ?? (await log.listKeys()) }
        const read = async () => {
          seen = await log.listKeys()
        }
        return { admin: createKeyAdmin({ log: behind, pepper: Buffer.alloc(32) }), read }
      })
      const { id, org } = await createKeyAdmin({ log, pepper: Buffer.alloc(32) }).createKey({
        org: 'org_1',
        name: 'first',
        actor: 'cli',
      })
      let isRevoked = false
      let endsAt: string | null = null
      for (const { admin: index, act } of steps) {
        const { admin, read } = admins[index] ?? admins[0] ?? { admin: null, read: null }
        if (admin === null) continue
        if (act === 'read') await read()
        if (act === 'rename')
          await admin.renameKey({ org, id, name: `renamed by ${index}`, actor: 'a' })
        if (
          act === 'rotate' &&
          typeof (await admin.rotateKey({ org, id, overlapMs: 0, actor: 'a' })) === 'object'
        )
          endsAt ??= 'ended'
        if (act === 'revoke' && (await admin.revokeKey({ id, actor: 'a' }))) isRevoked = true
        const now = (await log.listKeys()).find((row) => row.id === id)
        expect(now?.revokedAt !== null).toBe(isRevoked)
        if (endsAt !== null)
          expect(Date.parse(now?.expiresAt ?? '9999-01-01')).toBeLessThanOrEqual(Date.now())
      }
    }),
    { numRuns: 25 },
  )
})
