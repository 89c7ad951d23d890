import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { useServer } from '../support/use-flint.ts'
import { newCalls } from './support/new-calls.ts'
import { startPageOnStore } from './support/page-on-store.ts'
import { usePages } from './support/use-pages.ts'
import { usedHeap } from './support/used-heap.ts'

const flint = useServer(startPageOnStore)
const pages = usePages()

/** Half of what it may take: rows that are not drawn must not be kept as they were drawn. */
const MOST_HEAP_BYTES = 40_000_000
const MOST_ROWS_DRAWN = 80
/** More than stay loaded. */
const CALLS = 6_000
const AT_ONCE = 300

const rowsDrawn = (page: Page) => page.locator('.calls tbody tr').count()
const scroller = (page: Page) => page.locator('.calls-scroller')

test('a list that 6,000 calls came into, and that is scrolled through, takes no more than 40 MB and 80 rows', async () => {
  // Without any call the page is that of the first one.
  await flint.put(...newCalls(flint.ours.org, 0, AT_ONCE))
  const page = await flint.open(pages, 'audit?last=1h')
  await page.getByRole('button', { name: /live/i }).first().waitFor()
  for (let made = AT_ONCE; made < CALLS; made += AT_ONCE)
    await flint.put(...newCalls(flint.ours.org, made, AT_ONCE))

  const pill = page.locator('.result-line .pill')
  await pill.waitFor({ timeout: 60_000 })
  expect(await usedHeap(page), 'while calls wait').toBeLessThan(MOST_HEAP_BYTES)
  const newest = () => page.locator('.calls [data-call]').first().getAttribute('data-call')
  const newestBefore = await newest()
  await pill.click()
  await expect.poll(newest, { timeout: 60_000 }).not.toBe(newestBefore)

  const first = await newest()
  let deepest = 0
  await expect
    .poll(
      async () => {
        const { top, most } = await scroller(page).evaluate((box) => {
          box.scrollTop = box.scrollHeight
          return { top: box.scrollTop, most: box.scrollHeight }
        })
        deepest = Math.max(deepest, most)
        expect(await rowsDrawn(page)).toBeLessThanOrEqual(MOST_ROWS_DRAWN)
        const last = await page.locator('.calls [data-call]').last().getAttribute('data-call')
        return `${top > 0} ${last?.endsWith('000000000000')}`
      },
      { timeout: 240_000, interval: 100 },
    )
    .toBe('true true')
  // The newest were let go of: all 6,000 would be higher.
  expect(deepest).toBeLessThan(CALLS * 32)
  expect(deepest).toBeGreaterThan(4_000 * 32)
  expect(await page.locator(`[data-call="${first}"]`).count()).toBe(0)
  expect(await usedHeap(page), 'at the oldest call').toBeLessThan(MOST_HEAP_BYTES)
})
