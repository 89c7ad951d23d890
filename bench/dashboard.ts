import { parseArgs } from 'node:util'
import { createQuarterRollup } from '../src/store/calls/quarter-rollup.ts'
import { textTable } from '../src/text-table.ts'
import { newCalls } from '../test/dashboard/support/new-calls.ts'
import type { PageOnStore } from '../test/dashboard/support/page-on-store.ts'
import { createPages, type Pages } from '../test/dashboard/support/pages.ts'
import { startSeededPage } from '../test/dashboard/support/seeded-page.ts'
import { startBrowser } from '../test/dashboard/support/start-browser.ts'
import { usedHeap } from '../test/dashboard/support/used-heap.ts'
import {
  firstNumbersMs,
  firstText,
  frames,
  loadRows,
  quantile,
  rowsDrawn,
  slowestKeyMs,
} from './page-times.ts'

/*
 * How quick the dashboard is: `node dist/bench/dashboard.js [--calls N] [--rounds N]`, and what it
 * keeps in memory: `--live-minutes N`, 20 rows a second.
 *
 * Method: the built page in headless Chromium (software drawing) over the API in this process and a
 * real ClickHouse with N calls of 30 days, whose sums are rolled up; no Envoy between them. Each
 * round is a new browser context: nothing is in its cache. A line is the median of its rounds;
 * noise is the largest minus the smallest. The floor of frames is an empty page, drawn the same way.
 */

const ROWS = 5_000
const ROW_PX = 32
const ROWS_A_SECOND = 20
const DAY_MS = 86_400_000
const MB = 1_000_000

const { values } = parseArgs({
  options: {
    calls: { type: 'string', default: '20000' },
    rounds: { type: 'string', default: '5' },
    'live-minutes': { type: 'string' },
  },
})
const [calls, rounds] = [Number(values.calls), Number(values.rounds)]

const flint = await startSeededPage({ days: 30, count: calls })
// A quarter is summed up once it has been quiet; the store's clock cannot be put forward here.
const later = Date.now() + DAY_MS
await createQuarterRollup({ client: flint.store.client, clock: () => later }).run()
const browser = await startBrowser()
const pages = createPages(browser)
try {
  if (values['live-minutes'] === undefined) await measureTimes(flint, pages)
  else await measureHeap(flint, pages, Number(values['live-minutes']))
} finally {
  await browser.close()
  await flint.stop()
}

async function measureTimes(flint: PageOnStore, pages: Pages): Promise<void> {
  const found = new Map<string, number[]>()
  const note = (name: string, value: number) => found.set(name, [...(found.get(name) ?? []), value])
  const line = await reportText(flint, 'one line of it '.repeat(MB / 15))
  const prompt = await reportText(flint, 'one more line of it\n'.repeat((10 * MB) / 20))
  for (let round = 0; round < rounds; round += 1) {
    const page = await flint.open(pages, 'settings/preferences')
    await page.goto('about:blank')
    const floor = await frames(page, null)
    note('floor: frame of an empty page, p95, ms', floor.p95Ms)
    note('Overview, 30 days: navigation to numbers, ms', await numbers())

    await page.goto(`${flint.baseUrl}/ui/audit?last=30d`)
    await page.locator('.calls [data-call]').first().waitFor()
    note('rows loaded', await loadRows(page, Math.min(ROWS, calls), ROW_PX))
    const scrolled = await frames(page, '.calls-scroller')
    note('scrolled by 60 px a frame: frame p50, ms', scrolled.p50Ms)
    note('scrolled by 60 px a frame: frame p95, ms', scrolled.p95Ms)
    note('rows that are elements', await rowsDrawn(page))
    await page.locator('.calls [data-call]').nth(8).focus()
    note('key j: slowest of 40 presses, ms', await slowestKeyMs(page, 'j'))

    for (const [name, id] of Object.entries({ '1 MB line': line, '10 MB prompt': prompt })) {
      await page.goto(`${flint.baseUrl}/ui/audit/${id}/prompt`)
      const { textMs, longestTaskMs } = await firstText(page)
      note(`${name}: answer to first text, ms`, textMs)
      note(`${name}: longest task, ms`, longestTaskMs)
    }
    await pages.close()
  }
  console.log(`${calls} calls of 30 days, ${rounds} rounds`)
  console.log(
    textTable(
      ['', 'median', 'noise'],
      [...found].map(([name, all]) => [
        name,
        quantile(all, 0.5).toFixed(1),
        (Math.max(...all) - Math.min(...all)).toFixed(1),
      ]),
    ),
  )

  /** In a context whose cache is empty: signing in alone loads nothing of the page. */
  async function numbers(): Promise<number> {
    const page = await flint.open(pages, 'settings/preferences')
    const session = await page.context().newCDPSession(page)
    await session.send('Network.clearBrowserCache')
    return await firstNumbersMs(page, `${flint.baseUrl}/ui/overview?last=30d`)
  }
}

/** A call whose user said `content`. */
async function reportText(flint: PageOnStore, content: string): Promise<string> {
  return await flint.report({
    provider: 'openai',
    endpoint: '/v1/chat/completions',
    messages: [{ role: 'user', content }],
    response: { model: 'gpt-4o', choices: [] },
  })
}

/** Prints the heap after a collection: before, each minute, and at the end. */
async function measureHeap(flint: PageOnStore, pages: Pages, minutes: number): Promise<void> {
  const page = await flint.open(pages, 'audit?last=1h')
  await page.locator('.button.live .streaming').waitFor()
  const rows: string[][] = []
  const note = async (name: string) => {
    const heapMb = ((await usedHeap(page)) / MB).toFixed(1)
    const shown = (await page.locator('.result-line').textContent()) ?? ''
    rows.push([name, heapMb, String(await rowsDrawn(page)), /[\d,]+ calls/.exec(shown)?.[0] ?? ''])
    console.log(rows.at(-1)?.join(' · '))
  }
  await note('before')
  const startedMs = performance.now()
  for (let second = 0; second < minutes * 60; second += 1) {
    await flint.put(...newCalls(flint.ours.org, second * ROWS_A_SECOND, ROWS_A_SECOND))
    const dueMs = startedMs + (second + 1) * 1_000
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, dueMs - performance.now())))
    if ((second + 1) % 60 === 0) await note(`after ${(second + 1) / 60} min`)
  }
  const tookMinutes = (performance.now() - startedMs) / 60_000
  console.log(`${minutes * 60 * ROWS_A_SECOND} rows in ${tookMinutes.toFixed(1)} min`)
  console.log(textTable(['', 'heap, MB', 'rows drawn', 'listed'], rows))
  await pages.close()
}
