import { createHmac, createSecretKey, timingSafeEqual } from 'node:crypto'
import { createdAtMs } from '../evidence/record-id.ts'

/** Carries a seal to the next proxy. Whatever a caller sends under this name is taken out. */
export const HOP_SEAL_HEADER = 'x-flint-call'

/** What a seal holds for: brought by this proxy, for a request to this place. */
export interface Hop {
  /** SPIFFE ID of the proxy that has the call first, and connects to the second. */
  readonly proxy: string
  readonly authority: string
  /** Without its query. */
  readonly path: string
}

/** The record that the gate has made for the proxy before. */
export interface SealedCall {
  readonly recordId: string
  readonly org: string
}

export interface HopSeals {
  issue(call: SealedCall, hop: Hop): string
  /**
   * Null where it is not ours, is older than its life, is for another place, was brought by
   * another, or was taken before. What is returned once is never returned again.
   */
  redeem(text: string, hop: Hop): SealedCall | null
}

const LIFETIME_MS = 60_000
/** Clocks of two gates differ. */
const EARLIEST_MS = -5_000
const MAX_CHARACTERS = 256
const ORG = /^[\w-]{1,64}$/
const RECORD_ID = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
const MAX_TAKEN = 100_000

/**
 * Between two proxies that capture: the first one's gate says which record the call has, so that
 * the second makes no other (docs/decisions/055). A seal's time is that of its record's id.
 *
 * @param secret shared by all gates of one installation
 * @param previous believed too, while the pepper is changed
 */
export function createHopSeals(
  secret: Buffer,
  previous: Buffer | null = null,
  nowMs: () => number = Date.now,
): HopSeals {
  const key = createSecretKey(secret)
  const previousKey = previous && createSecretKey(previous)
  const taken = createTaken(nowMs)
  const macOf = (under: typeof key, { recordId, org }: SealedCall, hop: Hop) =>
    createHmac('sha256', under)
      .update(
        JSON.stringify(['hop', recordId, org, hop.proxy, hop.authority.toLowerCase(), hop.path]),
      )
      .digest()
  return {
    issue(call, hop) {
      return `${call.recordId}.${call.org}.${macOf(key, call, hop).toString('base64url')}`
    },
    redeem(text, hop) {
      const [recordId, org, mac, ...more] = text.length > MAX_CHARACTERS ? [] : text.split('.')
      if (recordId === undefined || org === undefined || mac === undefined || more.length > 0)
        return null
      if (!RECORD_ID.test(recordId) || !ORG.test(org)) return null
      const call = { recordId, org }
      const given = Buffer.from(mac, 'base64url')
      const isOurs = [key, previousKey].some((under) => {
        const expected = under && macOf(under, call, hop)
        return (
          expected !== null && given.length === expected.length && timingSafeEqual(given, expected)
        )
      })
      const ageMs = nowMs() - createdAtMs(recordId)
      if (!isOurs || ageMs < EARLIEST_MS || ageMs > LIFETIME_MS) return null
      return taken.take(recordId) ? call : null
    },
  }
}

/**
 * What was taken within a seal's life. Where it is full no seal is believed: two records, not none.
 */
function createTaken(nowMs: () => number) {
  // What is in the older one is past its life when it goes.
  let [current, older] = [new Set<string>(), new Set<string>()]
  let sinceMs = nowMs()
  return {
    take(recordId: string): boolean {
      if (nowMs() - sinceMs > LIFETIME_MS - EARLIEST_MS) {
        older = current
        current = new Set()
        sinceMs = nowMs()
      }
      if (current.size >= MAX_TAKEN || current.has(recordId) || older.has(recordId)) return false
      current.add(recordId)
      return true
    },
  }
}
