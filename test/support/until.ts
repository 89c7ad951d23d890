const FIRST_PAUSE_MS = 20
const LONGEST_PAUSE_MS = 250

/**
 * Polls until the condition holds; the deadline's error names what was waited for. What takes long,
 * to come or to ask, is asked less often: an API that is asked fifty times a second with a key it
 * does not know yet takes it for guessing.
 */
export async function until(
  what: string,
  patienceMs: number,
  isTrue: () => boolean | Promise<boolean>,
): Promise<void> {
  const deadline = performance.now() + patienceMs
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 1.25, LONGEST_PAUSE_MS)) {
    const askedAt = performance.now()
    if (await isTrue()) return
    const now = performance.now()
    if (now > deadline) throw new Error(`waited ${patienceMs} ms for ${what}`)
    await new Promise((resolve) => setTimeout(resolve, Math.max(pauseMs, now - askedAt)))
  }
}
