/** Watches what the process holds: the sum of all streams has no other bound. */
export interface MemoryWatch {
  /** True while more is held than the budget: new copies are not begun, bulky ones are let go. */
  overBudget(): boolean
  residentBytes(): number
  stop(): void
}

const LOOK_EVERY_MS = 50

export function watchMemory(budgetBytes: number, residentBytes: () => number = () => process.memoryUsage.rss()): MemoryWatch {
  let resident = residentBytes()
  const timer = setInterval(() => {
    resident = residentBytes()
  }, LOOK_EVERY_MS)
  timer.unref()
  return {
    overBudget: () => resident > budgetBytes,
    residentBytes: () => resident,
    stop: () => clearInterval(timer),
  }
}
