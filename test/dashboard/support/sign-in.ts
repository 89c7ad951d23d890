import type { Page } from 'playwright-core'

/** Signs the page's browser context in with a Flint key, past the form; reload to see it. */
export async function signIn(page: Page, key: string): Promise<void> {
  const { origin } = new URL(page.url())
  const answer = await page.context().request.post(`${origin}/ui/session`, {
    headers: { origin, 'x-flint-ui': '1' },
    data: { key },
  })
  if (!answer.ok()) throw new Error(`signing in: ${answer.status()} ${await answer.text()}`)
}
