import type { Page, Request } from 'playwright-core'
import { until } from '../../support/until.ts'

/** A page is drawn once nothing has been on its way to it for so long. */
const QUIET_MS = 400

/**
 * Begins to watch what a page asks for. The answer waits until all of it has come and is drawn, but
 * for streams without an end.
 */
export function watchDrawing(page: Page): () => Promise<void> {
  const open = new Set<Request>()
  let changedMs = performance.now()
  const changed = () => {
    changedMs = performance.now()
  }
  const ended = (request: Request) => {
    open.delete(request)
    changed()
  }
  page.on('request', (request) => {
    if (!request.url().includes('/audit/live')) open.add(request)
    changed()
  })
  page.on('requestfinished', ended)
  page.on('requestfailed', ended)
  const placeholders = page.locator('.skeleton')
  return async () => {
    changed()
    await until('the page to be drawn', 60_000, async () => {
      if (open.size > 0 || performance.now() - changedMs < QUIET_MS) return false
      return (await page.locator('main').count()) > 0 && (await placeholders.count()) === 0
    })
  }
}
