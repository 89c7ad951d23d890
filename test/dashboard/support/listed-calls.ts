import type { PageOnStore } from './page-on-store.ts'

/** How many calls the list at a link of the page has: its query is that of the API. */
export async function listedCalls(
  { baseUrl, ours }: Pick<PageOnStore, 'baseUrl' | 'ours'>,
  href: string,
): Promise<number> {
  const query = new URLSearchParams(href.slice(href.indexOf('?')))
  query.delete('tz')
  query.set('limit', '500')
  query.set('fields', 'requestId')
  const headers = { authorization: `Bearer ${ours.key}` }
  let count = 0
  for (;;) {
    const answer = await fetch(`${baseUrl}/v1/audit?${query}`, { headers })
    const page = (await answer.json()) as { records: unknown[]; nextCursor: string | null }
    if (!answer.ok) throw new Error(`${href}: ${JSON.stringify(page)}`)
    count += page.records.length
    if (page.nextCursor === null) return count
    query.set('cursor', page.nextCursor)
  }
}
