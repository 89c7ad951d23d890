import fs from 'node:fs'
import { answersWithin } from '../api/health/answers-within.ts'
import type { Backlog, Part, PartsHere } from '../api/system/parts.ts'
import { askSocket } from '../ask-socket.ts'
import { type DataPaths, metricsSocket } from '../config/data-paths.ts'
import { unlabelledSamples } from '../metrics/samples.ts'

const PATIENCE_MS = 1_000
const STORE_WITHIN_MS = 2_000

/** Metrics of one role by name, those without a label. */
type Page = ReadonlyMap<string, number>

/**
 * What runs on this machine: a role that serves its metrics is up; one whose socket is left behind
 * and answers nothing is down; of one without a socket nothing is known here.
 */
export function createPartsHere({
  paths,
  storeAnswers,
}: {
  readonly paths: DataPaths
  readonly storeAnswers: () => Promise<boolean>
}): PartsHere {
  async function role(name: 'gate' | 'observer' | 'delivery') {
    const socket = metricsSocket(paths, name)
    const text = await askSocket(socket, '/metrics', { patienceMs: PATIENCE_MS })
    const page = text === null ? null : unlabelledSamples(text)
    const startedAt = page?.get('process_start_time_seconds')
    const part: Part = {
      part: name,
      state: page === null ? absence(socket) : 'up',
      since: startedAt === undefined ? null : isoOf(startedAt),
      lastActivityAt: null,
    }
    return { part, page }
  }

  async function envoy() {
    const admin = paths.sockets.envoyAdmin
    const lastMs = fs.statSync(paths.accessLog, { throwIfNoEntry: false })?.mtimeMs
    const [ready, info] = await Promise.all(
      ['/ready', '/server_info'].map((at) => askSocket(admin, at, { patienceMs: PATIENCE_MS })),
    )
    const state = ready !== null ? (lastMs === undefined ? 'unknown' : 'up') : absence(admin)
    const lastActivityAt = lastMs === undefined ? null : isoOf(lastMs / 1_000)
    const log: Part = { part: 'envoyAccessLog', state, since: null, lastActivityAt }
    return { log, version: envoyVersionOf(info ?? null) }
  }

  return {
    async look() {
      const [gate, observer, delivery, isStoreUp, { log, version }] = await Promise.all([
        role('gate'),
        role('observer'),
        role('delivery'),
        answersWithin(STORE_WITHIN_MS, storeAnswers()),
        envoy(),
      ])
      const nothing = { since: null, lastActivityAt: null }
      // Delivery is the one that puts prompts into it.
      const waiting = delivery.page?.get('flint_content_waiting')
      const contentState = waiting === undefined ? 'unknown' : waiting > 0 ? 'down' : 'up'
      return {
        parts: [
          gate.part,
          observer.part,
          delivery.part,
          { part: 'store', state: isStoreUp ? 'up' : 'down', ...nothing },
          { part: 'contentStore', state: contentState, ...nothing },
          log,
        ],
        backlog: backlogOf(delivery.page),
        envoyVersion: version,
      }
    },
  }
}

function backlogOf(page: Page | null): Backlog {
  const number = (name: string) => page?.get(name) ?? null
  const oldest = number('flint_delivery_oldest_segment_timestamp_seconds')
  return {
    evidenceBytes: number('flint_delivery_backlog_bytes'),
    oldestEvidenceAt: oldest === null || oldest === 0 ? null : isoOf(oldest),
    promptBytes: number('flint_content_backlog_bytes'),
    quarantineBytes: number('flint_delivery_quarantine_bytes'),
    deadLetters: number('flint_delivery_letters_kept'),
  }
}

/**
 * Out of the answer of `/server_info`, whose version is `commit/1.2.3/Clean/RELEASE/BoringSSL`;
 * null where it has none.
 *
 * @see https://www.envoyproxy.io/docs/envoy/latest/operations/admin#get--server_info
 */
function envoyVersionOf(info: string | null): string | null {
  return info === null ? null : (/"version": ?"[0-9a-f]+\/([^/"]+)\//.exec(info)?.[1] ?? null)
}

/** A process that is killed leaves its socket; one that ends in order takes it along. */
function absence(socket: string): 'down' | 'unknown' {
  return fs.existsSync(socket) ? 'down' : 'unknown'
}

function isoOf(seconds: number): string {
  return new Date(seconds * 1_000).toISOString()
}
