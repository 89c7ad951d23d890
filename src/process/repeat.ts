import type { Logger } from 'pino'
import { errorName } from './error-name.ts'

/**
 * Acts at once and then again and again; the returned function ends that and resolves once no act
 * is under way.
 */
export function repeat(
  everyMs: number,
  act: () => Promise<unknown>,
  onError: (error: unknown) => void,
): () => Promise<void> {
  let stopped = false
  let timer: NodeJS.Timeout | null = null
  let acting: Promise<unknown> = Promise.resolve()
  const tick = () => {
    acting = act()
      .catch(onError)
      .finally(() => {
        if (!stopped) timer = setTimeout(tick, everyMs)
      })
  }
  tick()
  return async () => {
    stopped = true
    if (timer) clearTimeout(timer)
    await acting
  }
}

/** For `onError` of `repeat`: logs a lasting trouble once a minute, not once a try. */
export function warnOnce(log: Logger, message: string): (error: unknown) => void {
  let lastAtMs = Number.NEGATIVE_INFINITY
  return (error) => {
    if (performance.now() - lastAtMs < 60_000) return
    lastAtMs = performance.now()
    log.warn({ error: errorName(error) }, message)
  }
}
