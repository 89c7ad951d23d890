const waiting = new Set<() => void>()
let isScheduled = false

/**
 * Runs `draw` when it is its turn, each in a task of its own, so that however much there is to draw
 * the page answers its reader in between. Returns what takes it back.
 */
export function inTurn(draw: () => void): () => void {
  waiting.add(draw)
  schedule()
  return () => waiting.delete(draw)
}

function schedule(): void {
  if (isScheduled || waiting.size === 0) return
  isScheduled = true
  setTimeout(() => {
    isScheduled = false
    const [draw] = waiting
    if (draw !== undefined) waiting.delete(draw)
    schedule()
    draw?.()
  })
}
