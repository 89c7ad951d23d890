import type { BrowserContext, Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { dataPaths } from '../../src/config/data-paths.ts'
import { envoyAdmin } from '../../src/supervisor/envoy-admin.ts'
import { useServer } from '../support/use-flint.ts'
import { callRows, drawnIds, eventually, listedIds } from './support/audit-list.ts'
import { makeCall } from './support/make-call.ts'
import { startSeededFlint } from './support/seeded-flint.ts'
import { signIn } from './support/sign-in.ts'
import { setHidden } from './support/tab-visibility.ts'
import { usePages } from './support/use-pages.ts'

const flint = useServer(() => startSeededFlint({ days: 1, count: 400 }))
const pages = usePages()

/** Of one hour, so that all of its calls are drawn. */
const LIST = '/ui/audit?last=1h'
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })

async function openLive(options?: Parameters<typeof pages.open>[1]): Promise<Page> {
  const page = await pages.open(`${flint.baseUrl}/ui/signin`, options)
  await signIn(page, flint.key)
  await showLive(page)
  return page
}

async function showLive(page: Page): Promise<void> {
  await page.goto(`${flint.baseUrl}${LIST}`)
  await callRows(page).first().waitFor()
  await button(page, 'live').waitFor()
}

/** Requests that Envoy has open to the API: while no page asks for anything, live streams. */
async function openRequests(): Promise<number> {
  const { envoyAdmin: socket } = dataPaths(flint.dataDir).sockets
  const name = 'cluster.flint_api.upstream_rq_active'
  const stats = await envoyAdmin(socket).stats(`^${name}$`)
  return stats?.get(name) ?? Number.NaN
}

/** The ids of the last hour, once the API lists `count` of them. */
async function listedOnce(count: number): Promise<readonly string[]> {
  let ids: readonly string[] = []
  const from = new Date(Date.now() - 3_600_000).toISOString()
  await eventually(async () => {
    ids = await listedIds(flint, `from=${from}`)
    return ids.length
  }).toBe(count)
  return ids
}

test('a hidden tab holds no stream, and has each call once when it is looked at again', async () => {
  const page = await openLive()
  await eventually(openRequests).toBe(1)
  const before = await callRows(page).count()
  await setHidden(page, true)
  await eventually(openRequests).toBe(0)
  for (let made = 0; made < 3; made += 1) await makeCall(flint)
  const ids = await listedOnce(before + 3)
  expect(await callRows(page).count()).toBe(before)

  await setHidden(page, false)
  await eventually(() => drawnIds(page)).toEqual(ids)
  await eventually(openRequests).toBe(1)
  await makeCall(flint)
  await eventually(async () => drawnIds(page)).toEqual(await listedOnce(before + 4))
})

test('eight tabs of one browser all work, each live while it is the one that is seen', async () => {
  const first = await openLive()
  const context: BrowserContext = first.context()
  const tabs = [first]
  while (tabs.length < 8) {
    await setHidden(tabs[tabs.length - 1] ?? first, true)
    const tab = await context.newPage()
    await showLive(tab)
    tabs.push(tab)
  }
  await eventually(openRequests).toBe(1)
  for (const [n, tab] of tabs.entries()) {
    await setHidden(tabs[n - 1] ?? tabs[7] ?? first, true)
    await setHidden(tab, false)
    await button(tab, 'live').waitFor()
    const count = (await listedIds(flint, `from=${new Date(Date.now() - 3_600_000).toISOString()}`))
      .length
    await makeCall(flint)
    await eventually(() => drawnIds(tab)).toEqual(await listedOnce(count + 1))
  }
  await eventually(openRequests).toBe(1)
})

// The route of every other path ends after 60 s: only waiting shows that this one does not.
test('a stream is still live after 70 s through Envoy, on the same connection', async () => {
  const page = await openLive()
  const streams: string[] = []
  page.on('request', (request) => {
    if (request.url().includes('/audit/live')) streams.push(request.url())
  })
  const count = await callRows(page).count()
  await page.waitForTimeout(70_000)
  await makeCall(flint)
  await eventually(() => callRows(page).count()).toBe(count + 1)
  expect(streams).toEqual([])
  expect(await button(page, 'live').count()).toBe(1)
})

test('after three failures of the stream the page asks every 5 s, says so, and is live again when it can be', async () => {
  const page = await openLive({ allowed: [/\/audit\/live/] })
  const count = await callRows(page).count()
  let refused = 0
  // As by a proxy in between that lets no stream through.
  await page.route('**/ui/v1/audit/live*', async (route) => {
    refused += 1
    await route.abort('connectionreset')
  })
  await setHidden(page, true)
  await setHidden(page, false)
  const polling = button(page, 'every 5 s')
  await polling.waitFor()
  expect(await polling.getAttribute('title')).toContain('failed three times')
  expect(refused).toBe(3)

  const asked: number[] = []
  page.on('request', (request) => {
    if (new URL(request.url()).pathname === '/ui/v1/audit') asked.push(Date.now())
  })
  await makeCall(flint)
  await eventually(() => callRows(page).count()).toBe(count + 1)
  await eventually(() => asked.length).toBeGreaterThanOrEqual(3)
  for (const [n, atMs] of asked.slice(1).entries())
    expect(atMs - (asked[n] ?? 0)).toBeGreaterThan(4_500)

  await page.unroute('**/ui/v1/audit/live*')
  await button(page, 'live').waitFor({ timeout: 40_000 })
  await makeCall(flint)
  await eventually(() => drawnIds(page)).toEqual(await listedOnce(count + 2))
})

test('rows that are scrolled to stay where they are while calls come', async () => {
  const page = await openLive()
  await page.goto(`${flint.baseUrl}/ui/audit?last=7d`)
  await button(page, 'live').waitFor()
  await callRows(page).nth(20).waitFor()
  const scroller = page.locator('.calls-scroller')
  await scroller.evaluate((list) => list.scrollTo(0, 1_000))
  await eventually(() => scroller.evaluate((list) => list.scrollTop)).toBe(1_000)
  const places = () =>
    callRows(page).evaluateAll((links) =>
      links.map((link) => [link.getAttribute('data-call'), link.getBoundingClientRect().top]),
    )
  const before = await places()
  for (let made = 0; made < 2; made += 1) await makeCall(flint)
  await page.getByRole('button', { name: '2 new' }).waitFor()
  expect(await places()).toEqual(before)
  expect(await scroller.evaluate((list) => list.scrollTop)).toBe(1_000)
})
