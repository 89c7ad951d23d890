import { V7Generator } from 'uuidv7'

/**
 * Record ids (UUIDv7) that only grow, whatever the wall clock does: a set-back clock stands still
 * until it has caught up.
 */
export function createRecordIds(nowMs: () => number = Date.now): () => string {
  const generator = new V7Generator()
  let lastMs = 0
  return () => {
    lastMs = Math.max(lastMs, nowMs())
    return generator.generateOrResetWithTs(lastMs).toString()
  }
}
