import type { BrowserContext, BrowserContextOptions, Page } from 'playwright-core'
import { watchProblems } from './page-problems.ts'

export interface OpenPage {
  readonly theme?: 'light' | 'dark'
  /** Of the window, in CSS pixels; 1440 by 900 where not given. */
  readonly width?: number
  readonly height?: number
  /** IANA name of the browser's own time zone; UTC where not given. */
  readonly timezone?: string
  /** Problems that the test provokes: a line that matches one of these fails nothing. */
  readonly allowed?: readonly RegExp[]
  /** Origins that the page may talk to beside its own, such as an identity provider's. */
  readonly origins?: readonly string[]
}

/** Pages of one test, each in a browser context of its own: no cookie or storage is shared. */
export interface Pages {
  /** Opens the address and resolves once the page has loaded; `page.context()` opens more tabs. */
  open(url: string, options?: OpenPage): Promise<Page>
  /** Closes all pages; throws if one of them had problems that its test does not allow. */
  close(): Promise<void>
}

interface BrowserWithContexts {
  newContext(options: BrowserContextOptions): Promise<BrowserContext>
}

export function createPages(browser: BrowserWithContexts): Pages {
  const opened: { page: Page; problems: readonly string[]; allowed: readonly RegExp[] }[] = []
  return {
    async open(url, options = {}) {
      const { theme = 'light', width = 1440, height = 900, timezone = 'UTC' } = options
      const context = await browser.newContext({
        ...{ colorScheme: theme, viewport: { width, height }, timezoneId: timezone },
        ...{ locale: 'en-GB', reducedMotion: 'reduce' },
      })
      const origins = [new URL(url).origin, ...(options.origins ?? [])]
      const problems = await watchProblems(context, origins)
      const page = await context.newPage()
      opened.push({ page, problems, allowed: options.allowed ?? [] })
      await page.goto(url)
      return page
    },
    async close() {
      const pages = opened.splice(0)
      await Promise.all(pages.map(({ page }) => page.context().close()))
      const left = pages.flatMap(({ problems, allowed }) =>
        problems.filter((problem) => !allowed.some((pattern) => pattern.test(problem))),
      )
      if (left.length > 0) throw new Error(`problems on a page:\n${left.join('\n')}`)
    },
  }
}
