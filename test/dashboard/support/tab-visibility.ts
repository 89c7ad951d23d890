import type { Page } from 'playwright-core'

/**
 * Makes a page believe that its tab is hidden, or shown again: a headless Chromium shows every tab
 * at all times.
 */
export async function setHidden(page: Page, isHidden: boolean): Promise<void> {
  await page.evaluate(`
    Object.defineProperties(document, {
      hidden: { configurable: true, get: () => ${isHidden} },
      visibilityState: { configurable: true, get: () => '${isHidden ? 'hidden' : 'visible'}' },
    })
    document.dispatchEvent(new Event('visibilitychange'))
  `)
}
