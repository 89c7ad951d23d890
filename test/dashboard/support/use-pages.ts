import type { BrowserContextOptions } from 'playwright-core'
import { afterEach } from 'vitest'
import { useServer } from '../../support/use-flint.ts'
import { createPages, type Pages } from './pages.ts'
import { startBrowser } from './start-browser.ts'

/**
 * Pages for the tests of one file, on one browser. After each test its pages are closed, and it
 * fails if a page logged an error, violated its content security policy or asked another origin.
 */
export function usePages(): Pick<Pages, 'open'> {
  const browser = useServer(async () => {
    const started = await startBrowser()
    return {
      newContext: (options: BrowserContextOptions) => started.newContext(options),
      close: () => started.close(),
    }
  })
  const pages = createPages(browser)
  afterEach(() => pages.close())
  return pages
}
