import type { FastifyInstance } from 'fastify'
import { type ApiOptions, createApi } from './server.ts'

/** The API over parts that nobody asks, but for those given: for the document, and for tests of one part. */
export function unaskedApi(parts: Partial<ApiOptions> = {}): FastifyInstance {
  const unasked = () => Promise.reject(new Error('nobody was to ask this'))
  return createApi({
    access: { authenticator: { authenticate: () => ({ refused: 'unknown', principal: null }) }, failures: { note() {} }, used() {} },
    calls: { listCalls: unasked, findCall: unasked },
    losses: { losses: unasked },
    retentionDaysOf: () => 90,
    health: { storeAnswers: unasked, directoryLoaded: () => false },
    reporter: { report: unasked },
    prompts: { read: unasked },
    keys: {
      admin: { createKey: unasked, listKeys: unasked, renameKey: unasked, revokeOwnKey: unasked, rotateKey: unasked },
      lastUses: unasked,
      refreshDirectory: unasked,
    },
    settings: { admin: { read: unasked, change: unasked }, refreshDirectory: unasked },
    organisations: {
      admin: { createOrganisation: unasked, listOrganisations: unasked, renameOrganisation: unasked },
      refreshDirectory: unasked,
    },
    events: { listEvents: unasked },
    eraser: { count: unasked, erase: unasked },
    cursorSecret: 'unused',
    ...parts,
  })
}
