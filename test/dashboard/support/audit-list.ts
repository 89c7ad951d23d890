import type { Page } from 'playwright-core'
import { expect } from 'vitest'

/** Links of the calls that are drawn. */
export const callRows = (page: Page) => page.locator('.calls [data-call]')

/** Ids of the calls that are drawn, in the order of the list. */
export function drawnIds(page: Page): Promise<(string | null)[]> {
  return callRows(page).evaluateAll((links) => links.map((link) => link.getAttribute('data-call')))
}

/** What a page shows comes when its requests are answered, in seconds on a busy machine. */
export const eventually = <T>(look: () => T, options = {}) =>
  expect.poll(look, { timeout: 30_000, ...options })

/** All ids that the API lists for a query of the page, newest first. */
export async function listedIds(
  { baseUrl, key }: { readonly baseUrl: string; readonly key: string },
  query = '',
): Promise<readonly string[]> {
  const asked = new URLSearchParams(query)
  asked.set('limit', '500')
  const ids: string[] = []
  for (;;) {
    const answer = await fetch(`${baseUrl}/v1/audit?${asked}`, {
      headers: { authorization: `Bearer ${key}` },
    })
    const page = (await answer.json()) as {
      records: { requestId: string }[]
      nextCursor: string | null
    }
    if (!answer.ok) throw new Error(JSON.stringify(page))
    ids.push(...page.records.map(({ requestId }) => requestId))
    if (page.nextCursor === null) return ids
    asked.set('cursor', page.nextCursor)
  }
}
