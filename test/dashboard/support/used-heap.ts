import type { Page } from 'playwright-core'

/** Bytes of JavaScript that a page cannot let go of: after the garbage was collected. */
export async function usedHeap(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page)
  try {
    await session.send('HeapProfiler.collectGarbage')
    return (await session.send('Runtime.getHeapUsage')).usedSize
  } finally {
    await session.detach()
  }
}
