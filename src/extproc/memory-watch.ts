/** Watches what the process holds: the sum of all streams has no other bound. */
export interface MemoryWatch {
  /** True while more is held than the budget: new copies are not begun, bulky ones are let go. */
  overBudget(): boolean
  stop(): void
}

const LOOK_EVERY_MS = 50
/**
 * Far from the budget there is time: a process does not double its memory between two such looks.
 */
const FAR_FROM_BUDGET = 0.25
const LOOK_AT_REST_EVERY_MS = 250

export function watchMemory(
  budgetBytes: number,
  residentBytes: () => number = () => process.memoryUsage.rss(),
): MemoryWatch {
  let resident = 0
  let timer: NodeJS.Timeout
  const look = () => {
    resident = residentBytes()
    timer = setTimeout(
      look,
      resident < budgetBytes * FAR_FROM_BUDGET ? LOOK_AT_REST_EVERY_MS : LOOK_EVERY_MS,
    )
    timer.unref()
  }
  look()
  return {
    overBudget: () => resident > budgetBytes,
    stop: () => clearTimeout(timer),
  }
}
