import { expect, test } from 'vitest'
import { useServer } from '../support/use-flint.ts'
import { startPageOnStore } from './support/page-on-store.ts'
import { usePages } from './support/use-pages.ts'

const flint = useServer(() => startPageOnStore())
const pages = usePages()

/** More than the page shows at first. */
const CHANGES = 230

test('the CSV of Activity has every event of its filters, not only those that are loaded', async () => {
  for (let change = 0; change < CHANGES; change += 1)
    await flint.ask('PATCH', '/v1/settings', { body: { retentionDays: 100 + change } })
  const page = await flint.open(pages, 'activity?action=settings.changed')
  await page.getByRole('button', { name: 'Load older' }).waitFor()
  expect(await page.locator('tbody tr').count()).toBeLessThan(CHANGES)

  const download = page.waitForEvent('download')
  await page.getByRole('button', { name: 'CSV' }).click()
  const chunks: Buffer[] = []
  for await (const chunk of await (await download).createReadStream()) chunks.push(chunk)
  const lines = Buffer.concat(chunks).toString().trimEnd().split('\r\n')
  const asked = '/v1/audit/events?action=settings.changed&limit=500'
  const { events } = (await flint.ask('GET', asked)).body
  expect(events.length).toBeGreaterThanOrEqual(CHANGES)
  const listed = (events as readonly { at: string }[]).map(({ at }) => at)
  expect(lines.slice(1).map((line) => /^"?([^",]+)/.exec(line)?.[1])).toEqual(listed)
})
