import { dayOfKey, subjectOfKey } from '../content/content-key.ts'
import { DAY_MS } from '../evidence/day.ts'
import { type HeldCalls, type HoldInForce, keepsEverything } from '../store/evidence/held-calls.ts'

/**
 * Of these keys of one organisation's content, those that no hold keeps: objects of calls that are
 * not held, and attachments that no held call carried. An object whose call is not known cannot be
 * judged, and stays.
 */
export async function unheldKeys(
  calls: Pick<HeldCalls, 'notHeld' | 'heldAttachments'>,
  org: string,
  keys: readonly string[],
  holds: readonly HoldInForce[],
): Promise<readonly string[]> {
  if (holds.length === 0) return keys
  if (keepsEverything(holds)) return []
  const unheld: string[] = []
  for (const day of new Set(keys.map(dayOfKey))) {
    if (day === null) continue
    const fromMs = Date.parse(day)
    const range = { fromMs, toMs: fromMs + DAY_MS }
    const named = keys
      .filter((key) => dayOfKey(key) === day)
      .map((key) => ({ key, subject: subjectOfKey(key) }))
    const ids = named.flatMap(({ subject }) =>
      subject !== null && 'recordId' in subject ? [subject.recordId] : [],
    )
    const hashes = named.flatMap(({ subject }) =>
      subject !== null && 'sha256' in subject ? [subject.sha256] : [],
    )
    const [free, kept] = await Promise.all([
      ids.length === 0 ? new Set() : calls.notHeld(org, range, ids, holds),
      hashes.length === 0 ? new Set() : calls.heldAttachments(org, range, hashes, holds),
    ])
    for (const { key, subject } of named) {
      if (subject === null) continue
      if ('recordId' in subject ? free.has(subject.recordId) : !kept.has(subject.sha256))
        unheld.push(key)
    }
  }
  return unheld
}
