import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { useServer } from '../support/use-flint.ts'
import { listedCalls } from './support/listed-calls.ts'
import { startSeededPage } from './support/seeded-page.ts'
import { usePages } from './support/use-pages.ts'

/*
 * Overview on the two days of a year on which the clocks of Berlin are changed. The days are of a
 * year that is over, so that retention is raised to the longest that there is.
 */

const DAYS = [
  {
    day: '2025-10-26',
    hours: 25,
    // Two o’clock comes twice.
    clock: [0, 1, 2, ...from(2)],
    ...{ from: '2025-10-25T22:00:00Z', to: '2025-10-26T23:00:00Z' },
    week: { from: '2025-10-19T22:00:00Z', to: '2025-10-26T23:00:00Z', monday: 20 },
  },
  {
    day: '2026-03-29',
    hours: 23,
    // Two o’clock never comes.
    clock: [0, 1, ...from(3)],
    ...{ from: '2026-03-28T23:00:00Z', to: '2026-03-29T22:00:00Z' },
    week: { from: '2026-03-22T23:00:00Z', to: '2026-03-29T22:00:00Z', monday: 23 },
  },
] as const

function from(hour: number): readonly number[] {
  return Array.from({ length: 24 - hour }, (_, index) => hour + index)
}

const flint = useServer(async () => {
  const endsMs = DAYS.map(({ to }) => Date.parse(to) + 6 * 3_600_000)
  const started = await startSeededPage({ days: 4, count: 400, endsMs })
  await started.ask('PATCH', '/v1/settings', { body: { retentionDays: 3_650 } })
  return started
})
const pages = usePages()

/** Rows of the table of calls per bucket: when each begins, how many, and the link to them. */
async function callsPerBucket(page: Page) {
  await page.getByRole('button', { name: 'As table: Calls and failures' }).click()
  const table = page.getByRole('dialog', { name: 'Calls and failures' }).getByRole('table')
  const rows = table.locator('tbody tr')
  await rows.first().waitFor()
  const total = (await table.locator('thead th').allTextContents()).indexOf('Total')
  return await rows.evaluateAll(
    (all, column) =>
      all.map((row) => ({
        from: row.querySelector('th')?.textContent ?? '',
        calls: Number((row.children[column]?.textContent ?? '').replaceAll(',', '')),
        href: row.children[column]?.querySelector('a')?.getAttribute('href') ?? '',
      })),
    total,
  )
}

async function overviewOf(span: { from: string; to: string }, bucket: string): Promise<Page> {
  const query = new URLSearchParams({ from: span.from, to: span.to, tz: 'Europe/Berlin', bucket })
  const page = await flint.open(pages, `overview?${query}`)
  await page.getByRole('table', { name: /cost and calls of the range/ }).waitFor()
  return page
}

const sum = (rows: readonly { calls: number }[]) => rows.reduce((all, { calls }) => all + calls, 0)

describe.each(DAYS)('a day of $hours hours', ({ day, hours, clock, week, ...span }) => {
  test('has as many bars, each named by the clock, which lead to its calls and make up the day', async () => {
    const rows = await callsPerBucket(await overviewOf(span, '1h'))
    const named = clock.map((hour) => `${day} ${String(hour).padStart(2, '0')}:00`)
    expect(rows.map((row) => row.from.trim())).toEqual(named)
    expect(rows).toHaveLength(hours)
    for (const { href, calls, from } of rows)
      expect(await listedCalls(flint, href), from).toBe(calls)
    // A day without calls would prove nothing.
    expect(sum(rows)).toBeGreaterThan(50)
    expect(await listedCalls(flint, `?${new URLSearchParams(span)}`)).toBe(sum(rows))
  })

  test('is one bar of its week, with all its calls', async () => {
    const page = await overviewOf(week, '1d')
    const tile = page.getByRole('region', { name: 'Calls', exact: true })
    const said = (await tile.locator('a[href^="/ui/audit?"]').first().textContent()) ?? ''
    const rows = await callsPerBucket(page)
    const month = day.slice(0, 8)
    expect(rows.map((row) => row.from.trim())).toEqual(
      Array.from({ length: 7 }, (_, index) => `${month}${week.monday + index} 00:00`),
    )
    expect(rows.at(-1)?.calls).toBe(await listedCalls(flint, `?${new URLSearchParams(span)}`))
    expect(said.replaceAll(',', '')).toBe(String(sum(rows)))
  })
})
