import { signal } from '@preact/signals'
import type { System } from './answers.ts'
import { ApiError, get, whenAway } from './request.ts'
import { FIRST_RETRY_MS, nextRetryMs } from './retry-wait.ts'
import { refreshSession } from './session.ts'

/** What does not answer, and since when: `api` is Flint itself, or the way to it. */
export interface Away {
  readonly what: 'api' | 'store'
  readonly sinceMs: number
}

/** null: Flint and its store answer, as far as is known. */
export const away = signal<Away | null>(null)
/** Other parts that are down. */
export const downParts = signal<readonly System['parts'][number]['part'][]>([])

const FIRST_LOOK_MS = 5_000
const LOOK_EVERY_MS = 30_000
const PATIENCE_MS = 10_000

/**
 * Looks from now on what is away: every 30 s, at once where a question fails, then after 2, 4, 8 …
 * 30 s until it is back. Returns what ends that.
 */
export function followInstallation(): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined
  let isLooking = false
  let firstFailureMs: number | null = null
  let waitMs = FIRST_RETRY_MS
  const lookAfter = (ms: number) => {
    clearTimeout(timer)
    timer = setTimeout(() => (document.hidden ? lookAfter(ms) : void look()), ms)
  }
  async function look(): Promise<void> {
    if (isLooking) return
    isLooking = true
    const what = await missing()
    isLooking = false
    if (what !== null) {
      firstFailureMs ??= Date.now()
      if (away.value?.what !== what) away.value = { what, sinceMs: firstFailureMs }
      lookAfter(waitMs)
      waitMs = nextRetryMs(waitMs)
      return
    }
    // It may have come back as another version.
    if (away.value !== null) void refreshSession()
    away.value = null
    firstFailureMs = null
    waitMs = FIRST_RETRY_MS
    lookAfter(LOOK_EVERY_MS)
  }
  const ignore = whenAway(() => {
    firstFailureMs ??= Date.now()
    if (away.value === null) void look()
  })
  lookAfter(FIRST_LOOK_MS)
  return () => {
    clearTimeout(timer)
    ignore()
  }
}

async function missing(): Promise<Away['what'] | null> {
  const patience = AbortSignal.timeout(PATIENCE_MS)
  try {
    const { parts } = await get<System>('/system', {}, patience)
    const down = parts.filter(({ state }) => state === 'down').map(({ part }) => part)
    downParts.value = down.filter((part) => part !== 'store')
    return down.includes('store') ? 'store' : null
  } catch (error) {
    downParts.value = []
    // While an answer is read, the end of one's patience is called an abort.
    if (patience.aborted) return 'api'
    if (!(error instanceof ApiError)) throw error
    // This question needs no store: where it fails, it is the API.
    return error.isAway ? 'api' : null
  }
}
