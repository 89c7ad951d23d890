import type { KeyUses } from '../store/identity/key-uses.ts'
import type { Principal } from './principal.ts'

/**
 * Notes in memory which keys ask the API, and writes them down now and then: no one's request waits
 * for it.
 */
export interface UseNotes {
  used(principal: Principal): void
  /** Writes what has gathered; what the store does not take is kept for the next time. */
  flush(): Promise<void>
}

export function createUseNotes(
  uses: Pick<KeyUses, 'note'>,
  nowMs: () => number = Date.now,
): UseNotes {
  let gathered = new Map<
    string,
    { readonly org: string; readonly keyId: string; readonly usedAtMs: number }
  >()
  return {
    // As many entries as there are keys, since only known keys come here.
    used(principal) {
      if (!('keyId' in principal)) return
      const { org, keyId } = principal
      gathered.set(keyId, { org, keyId, usedAtMs: nowMs() })
    },
    async flush() {
      const telling = gathered
      gathered = new Map()
      try {
        await uses.note([...telling.values()])
      } catch (error) {
        gathered = new Map([...telling, ...gathered])
        throw error
      }
    },
  }
}
