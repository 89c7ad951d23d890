import { gzipSync } from 'node:zlib'
import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { useServer } from '../support/use-flint.ts'
import { axeFindings } from './support/axe-findings.ts'
import { listedCalls } from './support/listed-calls.ts'
import { startSeededPage } from './support/seeded-page.ts'
import { usePages } from './support/use-pages.ts'

const flint = useServer(() => startSeededPage({ days: 4, count: 1_500 }))
const pages = usePages()

type Options = Parameters<typeof flint.open>[2]

async function openOverview(query: string, options?: Options): Promise<Page> {
  const page = await flint.open(pages, `overview${query}`, options)
  await page.getByRole('table', { name: /cost and calls of the range/ }).waitFor()
  await page.getByRole('table', { name: 'Failed calls, most first' }).waitFor()
  return page
}

/** Links to lists whose text or title says how many calls they lead to. */
const COUNTED = [
  '.tile a[href^="/ui/audit?"]',
  '.legend td.number a',
  '.lower-card:has-text("Errors by type") td.number a',
  'figure:has-text("Calls and failures") .keys a',
  'figure .readout a',
].join(', ')

async function countedLinks(page: Page) {
  const links = await page.locator(COUNTED).evaluateAll((anchors) =>
    anchors.map((anchor) => ({
      href: anchor.getAttribute('href') ?? '',
      text: (anchor.textContent ?? '').trim(),
      title: anchor.getAttribute('title') ?? '',
    })),
  )
  return links.flatMap(({ href, text, title }) => {
    const [, said] =
      /^([\d,]+)( calls .*| estimated| partial| none)?$/.exec(text) ??
      /^(?:Of )?([\d,]+) (?:of|calls)/.exec(title) ??
      []
    return said === undefined ? [] : [{ href, said: Number(said.replaceAll(',', '')) }]
  })
}

describe('the overview', () => {
  test.each(['UTC', 'Asia/Kathmandu', 'America/St_Johns'])(
    'has numbers that lead to lists of exactly that many calls, in %s',
    async (tz) => {
      const page = await openOverview(`?last=7d&tz=${tz}`)
      const links = await countedLinks(page)
      // Tiles, legend, charts and errors: an empty page would prove nothing.
      expect(links.length).toBeGreaterThan(15)
      for (const { href, said } of links) expect(await listedCalls(flint, href), href).toBe(said)
    },
  )

  test.each(['provider', 'keyId', 'endpoint'])(
    'has such numbers grouped by %s, and within a filter',
    async (group) => {
      const page = await openOverview(`?last=7d&group=${group}&model=gpt-4o*`)
      const links = await countedLinks(page)
      for (const { href, said } of links) expect(await listedCalls(flint, href), href).toBe(said)
    },
  )

  test('is worked with keys: to a bucket, into its calls, back, into a span, back', async () => {
    const page = await openOverview('?last=7d')
    const chart = page.getByRole('group', { name: /^Cost by model, / })
    await chart.focus()
    await page.keyboard.press('End')
    await page.keyboard.press('ArrowLeft')
    const figure = page.locator('figure', { has: chart })
    await expect.poll(() => figure.locator('[aria-live]').textContent()).toMatch(/UTC · .*\$/)

    await page.keyboard.press('Enter')
    await page.waitForURL('**/ui/audit?from=*')
    await page.goBack()
    await chart.waitFor()

    await chart.focus()
    await page.keyboard.press('Home')
    await page.keyboard.press('Shift+ArrowRight')
    await page.keyboard.press('Enter')
    await page.waitForURL('**/ui/overview?from=*')
    await page.goBack()
    await expect.poll(() => page.url()).toContain('last=7d')
  })

  test('has one cursor for all its charts, and a click on a bar leads to the calls of its part', async () => {
    const page = await openOverview('?last=7d')
    await page.locator('.plot canvas').last().waitFor()
    const over = page.locator('.u-over').first()
    const { width = 0, height = 0 } = (await over.boundingBox()) ?? {}
    // The bar of yesterday, of eight: today's is empty for a while after midnight.
    const place = { x: (width * 6.5) / 8, y: height - 4 }
    await over.hover({ position: place })
    await expect.poll(() => page.locator('.plot-cursor:visible').count()).toBe(5)
    await over.click({ position: place })
    await page.waitForURL('**/ui/audit?from=*&recordModel=*')
  })

  test('gives the numbers of a chart as a table and as CSV', async () => {
    const page = await openOverview('?last=7d')
    await page.getByRole('button', { name: 'As table: Cost by model' }).click()
    const dialog = page.getByRole('dialog', { name: 'Cost by model' })
    await dialog.locator('tbody tr').first().waitFor()
    const rows = await dialog.locator('tbody tr').count()
    const download = page.waitForEvent('download')
    await dialog.getByRole('button', { name: 'CSV' }).click()
    const chunks: Buffer[] = []
    for await (const chunk of await (await download).createReadStream()) chunks.push(chunk)
    const lines = Buffer.concat(chunks).toString().trimEnd().split('\r\n')
    expect(lines).toHaveLength(rows + 1)
    expect(lines[0]).toMatch(/^from \(UTC\),to \(UTC\),.*total \(\$\),not observed \(calls\)$/)
  })

  test('asks as a reader while there is one, and by itself after a minute without input', async () => {
    const page = await openOverview('')
    await page.clock.install()
    await page.reload()
    await page.getByRole('table', { name: 'Failed calls, most first' }).waitFor()
    const asked: string[] = []
    page.on('request', (request) => {
      if (new URL(request.url()).pathname !== '/ui/v1/audit/summary') return
      asked.push(request.headers()['x-flint-ui'] ?? 'reader')
    })
    await page.clock.runFor(30_000)
    await expect.poll(() => asked.at(-1)).toBe('reader')
    await page.clock.runFor(60_000)
    await expect.poll(() => asked.at(-1)).toBe('poll')
    await page.keyboard.press('Shift')
    await page.clock.runFor(30_000)
    await expect.poll(() => asked.at(-1)).toBe('reader')
  })

  test('keeps its other cards when one fails', async () => {
    const page = await openOverview('', { allowed: [/503/] })
    const error = { code: 'audit_unavailable', message: 'The ledger is away.', type: 'flint_error' }
    await page.route('**/ui/v1/audit/losses?*', (route) =>
      route.fulfill({ status: 503, json: { error } }),
    )
    await page.goto(`${flint.baseUrl}/ui/overview?last=7d`)
    await page.getByRole('region', { name: 'Coverage' }).getByText('The ledger is away.').waitFor()
    await page.getByRole('table', { name: /cost and calls of the range/ }).waitFor()
  })
})

describe.each(['light', 'dark'] as const)('in the %s theme', (theme) => {
  test.each([360, 768, 1440])('both pages are accessible and fit at %i px', async (width) => {
    const page = await openOverview('?last=7d', { theme, width })
    await page.locator('.plot canvas').last().waitFor()
    expect(await axeFindings(page)).toEqual([])
    expect(await sidewaysPx(page)).toBe(0)
    await page.goto(`${flint.baseUrl}/ui/coverage?last=7d`)
    await page.getByRole('table', { name: /Lost calls by hour/ }).waitFor()
    expect(await axeFindings(page)).toEqual([])
    expect(await sidewaysPx(page)).toBe(0)
  })
})

/** By how much the page is wider than its window. */
function sidewaysPx(page: Page): Promise<number> {
  return page.evaluate('document.documentElement.scrollWidth - innerWidth')
}

test('nothing of the overview moves while its parts come', async () => {
  const page = await openOverview('')
  await page.addInitScript(`
    window.moved = []
    new PerformanceObserver((list) => {
      for (const { sources } of list.getEntries())
        for (const { node, previousRect, currentRect } of sources)
          moved.push([node?.textContent, JSON.stringify([previousRect, currentRect])].join(' '))
    }).observe({ type: 'layout-shift', buffered: true })`)
  await page.reload()
  await page.getByRole('table', { name: 'Failed calls, most first' }).waitFor()
  await page.locator('.plot canvas').last().waitFor()
  expect(await page.evaluate('window.moved')).toEqual([])
})

/** What Overview waits for until its first cards have their numbers. */
const FIRST_SCREEN = [
  '/ui/assets/app.js',
  '/ui/assets/index.css',
  '/ui/assets/overview-page.js',
  '/ui/overview',
  '/ui/session',
  '/ui/theme.js',
  '/ui/v1/audit/losses',
  '/ui/v1/audit/summary',
  '/ui/v1/me',
]

/** What draws its charts and fills its lower cards. */
const BELOW_FIRST_SCREEN = [
  '/ui/assets/uPlot.esm.js',
  '/ui/v1/audit/summary',
  '/ui/v1/audit/summary',
  '/ui/v1/audit/top',
]

test('the first screen takes 70 KB of JavaScript at most, and nine requests until its numbers', async () => {
  const page = await openOverview('')
  const scripts = new Set<string>()
  const asked: string[] = []
  page.on('request', (request) => {
    const { pathname } = new URL(request.url())
    if (pathname.endsWith('.js')) scripts.add(request.url())
    // By a clock of its own, the page asks what is down.
    if (pathname !== '/ui/v1/system') asked.push(pathname.replace(/-[\w-]{8}(\.\w+)$/, '$1'))
  })
  const session = await page.context().newCDPSession(page)
  await session.send('Network.clearBrowserCache')
  await page.reload()
  await page.locator('.plot canvas').last().waitFor()
  let bytes = 0
  for (const url of scripts) bytes += gzipSync(await (await fetch(url)).text()).length
  // An empty page would be smaller.
  expect(bytes).toBeGreaterThan(30_000)
  expect(bytes).toBeLessThan(70_000)
  // What is asked later, and the charts, wait until the first cards have their numbers.
  expect(asked.slice(0, FIRST_SCREEN.length).sort()).toEqual(FIRST_SCREEN)
  expect(asked.slice(FIRST_SCREEN.length).sort()).toEqual(BELOW_FIRST_SCREEN)
})
