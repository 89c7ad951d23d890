import { dayOfKey } from '../content/content-key.ts'
import type { ContentStore } from '../content/content-store.ts'
import { DAY_MS } from '../evidence/day.ts'
import type { ExpiredRows } from '../store/evidence/expired-rows.ts'
import type { HeldCalls, HoldInForce } from '../store/evidence/held-calls.ts'
import { unheldKeys } from './held-content.ts'

export interface RetentionOptions {
  readonly organisations: () => Promise<readonly { readonly id: string }[]>
  /** As they are in force now: a longer life begins, a shorter one ends, with the next pass. */
  readonly settingsOf: (org: string) => {
    readonly retentionDays: number
    readonly contentRetentionDays: number
  }
  readonly store: ContentStore
  readonly rows: ExpiredRows
  /** Read from the store each time: a hold keeps what is still there when it is placed. */
  readonly holdsOf: (org: string) => Promise<readonly HoldInForce[]>
  readonly held: Pick<HeldCalls, 'notHeld' | 'heldAttachments'>
  /** An organisation's pass is done, and left what its holds keep. */
  readonly onHeld: (org: string, holds: readonly HoldInForce[]) => void
  readonly counters: RetentionCounters
  readonly nowMs?: () => number
}

/** Counted per process since its start; read by the metrics page. */
export interface RetentionCounters {
  objectsDeleted: number
  /**
   * When the last pass over all organisations ended well, seconds since the epoch; 0 before the
   * first.
   */
  lastRunAtSeconds: number
}

export function createRetentionCounters(): RetentionCounters {
  return { objectsDeleted: 0, lastRunAtSeconds: 0 }
}

const KEYS_AT_ONCE = 500

/**
 * True once the whole UTC day of `createdAtMs` is older than `days`: what is on disk goes day by
 * day.
 */
export function isDayOver(createdAtMs: number, days: number, nowMs: number): boolean {
  return (Math.floor(createdAtMs / DAY_MS) + 1 + days) * DAY_MS <= nowMs
}

/**
 * Deletes what is older than each organisation wants to keep and no legal hold keeps: content
 * first, then rows, so that no object is left without the record that says whose it is. If content
 * cannot be deleted the organisation's rows stay until it can.
 */
export function createRetention(options: RetentionOptions): { pass(): Promise<void> } {
  const { organisations, settingsOf, store, rows, counters, nowMs = Date.now } = options
  const { holdsOf, held, onHeld } = options
  /** What was done last of organisations with holds: to go through what they keep costs much. */
  const done = new Map<string, string>()

  async function deleteContent(org: string, days: number, atMs: number): Promise<void> {
    let keys: string[] = []
    const deleteNow = async () => {
      const unheld = await unheldKeys(held, org, keys, await holdsOf(org))
      if (unheld.length > 0) await store.delete(unheld)
      counters.objectsDeleted += unheld.length
      keys = []
    }
    for await (const key of store.list(`${org}/`)) {
      const day = dayOfKey(key)
      if (day === null) continue
      // Keys come in the order of their days.
      if (!isDayOver(Date.parse(day), days, atMs)) break
      keys.push(key)
      if (keys.length >= KEYS_AT_ONCE) await deleteNow()
    }
    if (keys.length > 0) await deleteNow()
  }

  async function passOf(org: string, atMs: number): Promise<void> {
    const { retentionDays, contentRetentionDays } = settingsOf(org)
    const holds = await holdsOf(org)
    const today = Math.floor(atMs / DAY_MS)
    const work = JSON.stringify([today, retentionDays, contentRetentionDays, holds])
    if (holds.length > 0 && done.get(org) === work) return
    await deleteContent(org, contentRetentionDays, atMs)
    await rows.remove(org, (today - retentionDays) * DAY_MS, holdsOf)
    done.set(org, work)
    if (holds.length > 0) onHeld(org, holds)
  }

  return {
    async pass() {
      const atMs = nowMs()
      const failures: unknown[] = []
      for (const { id: org } of await organisations()) {
        try {
          await passOf(org, atMs)
        } catch (error) {
          failures.push(error)
        }
      }
      if (failures.length > 0) throw failures[0]
      counters.lastRunAtSeconds = Math.floor(nowMs() / 1000)
    },
  }
}
