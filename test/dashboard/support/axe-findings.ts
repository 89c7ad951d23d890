import axe, { type AxeResults } from 'axe-core'
import type { Page } from 'playwright-core'

/**
 * What axe-core, with all its rules, finds on the page or below `selector`: one line for each
 * element, empty where there is nothing to mend.
 */
export async function axeFindings(page: Page, selector = 'html'): Promise<string[]> {
  // Evaluated through the debugger: the page's content security policy stays as it is.
  await page.evaluate(axe.source)
  const { violations } = await page.evaluate<AxeResults>(`axe.run(${JSON.stringify(selector)})`)
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ target, failureSummary = '' }) => {
      const [, ...reasons] = failureSummary.split('\n').map((line) => line.trim())
      return [id, help, target.join(' '), ...reasons].join(' | ')
    }),
  )
}
