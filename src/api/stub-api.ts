import type { FastifyInstance } from 'fastify'
import { DEFAULT_SETTINGS } from '../identity/settings.ts'
import { type ApiOptions, createApi } from './server.ts'

/**
 * The API over stubs that reject, but for the parts given: for the document, and for tests of one
 * part.
 */
export function stubApi(parts: Partial<ApiOptions> = {}): FastifyInstance {
  const stub = () => Promise.reject(new Error('a stub was asked'))
  return createApi({
    access: {
      authenticator: { authenticate: () => ({ refused: 'unknown', principal: null }) },
      failures: { note() {} },
      used() {},
    },
    calls: { listCalls: stub, findCall: stub },
    losses: { losses: stub },
    coverage: { coverage: stub },
    summaries: { summary: stub },
    top: { topCalls: stub },
    evidence: { rowsOf: stub, ratesOf: stub },
    exporter: { open: stub },
    facets: { facets: stub },
    ids: { findById: stub },
    live: { follow: () => () => {} },
    retentionDaysOf: () => 90,
    readableDaysOf: () => 90,
    health: { storeAnswers: stub, directoryLoaded: () => false },
    reporter: { report: stub },
    prompts: { read: stub, readAttachment: stub, isKnown: stub },
    reads: {
      countReads: stub,
      listReads: stub,
      admin: { listKeys: stub },
      users: { listUsers: stub },
    },
    keys: {
      admin: {
        createKey: stub,
        listKeys: stub,
        renameKey: stub,
        revokeOwnKey: stub,
        rotateKey: stub,
      },
      lastUses: stub,
      refreshDirectory: stub,
    },
    settings: { admin: { read: stub, change: stub }, refreshDirectory: stub },
    organisations: {
      admin: { createOrganisation: stub, listOrganisations: stub, renameOrganisation: stub },
      refreshDirectory: stub,
    },
    workloads: {
      admin: { list: stub, assign: stub, unassign: stub },
      refreshDirectory: stub,
    },
    events: { listEvents: stub, listKeys: stub },
    users: { listUsers: stub },
    eraser: { count: stub, erase: stub },
    holds: {
      admin: { list: stub, place: stub, release: stub },
      held: { countBefore: stub },
      refreshDirectory: stub,
    },
    me: {
      admin: { listKeys: stub, listOrganisations: stub },
      settings: { settingsOf: () => DEFAULT_SETTINGS },
      promptReads: { activity: stub },
    },
    system: {
      parts: { look: stub },
      admin: { listOrganisations: stub },
      settings: { settingsOf: () => DEFAULT_SETTINGS },
      seen: { seenBy: stub },
      version: 'unused',
      priceBook: () => ({ source: 'unused', publishedOn: '2026-01-01', broughtOn: null }),
    },
    views: { list: stub, create: stub, change: stub, delete: stub },
    sessions: { directory: { activeOf: () => [] }, admin: { end: stub }, refreshDirectory: stub },
    dashboard: null,
    cursorSecret: 'unused',
    ...parts,
  })
}
