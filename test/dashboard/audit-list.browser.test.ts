import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { sampleCall, sampleIntent, sampleObservation } from '../../src/evidence/sample-evidence.ts'
import { putSettledCalls } from '../support/settled-calls.ts'
import { useServer } from '../support/use-flint.ts'
import { callRows, drawnIds, eventually, listedIds } from './support/audit-list.ts'
import { startPageOnStore } from './support/page-on-store.ts'
import { usePages } from './support/use-pages.ts'

const pages = usePages()
const HOUR_MS = 3_600_000

const chosenWidths = (page: Page) =>
  page
    .locator('.calls thead th')
    .evaluateAll((cells) => cells.map((cell) => Math.round(cell.getBoundingClientRect().width)))

/** Resolves when the rows of the new place are drawn. */
const scrollBy = (page: Page, px: number) =>
  page.evaluate(`new Promise((resolve) => {
    document.querySelector('.calls-scroller').scrollBy(0, ${px})
    requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(resolve)))
  })`)

describe('where there is no call', () => {
  const flint = useServer(() => startPageOnStore())
  const open = (path: string) => flint.open(pages, path)
  const madeAtMs = Date.now() - 50 * HOUR_MS

  test('yet, the list leads to the first one', async () => {
    for (const query of ['', '?provider=openai']) {
      const page = await open(`audit${query}`)
      await page.getByRole('heading', { name: 'First call' }).waitFor()
      await page.getByText('Waiting for the first call…').waitFor()
    }
  })

  test('in the range, it says when the newest was made, and leads there', async () => {
    await flint.put(...sampleCall({ org: flint.ours.org, createdAtMs: madeAtMs, id: 1 }))
    const page = await open('audit?last=1h&tz=Asia/Kathmandu')
    await page
      .getByRole('heading', { name: /^No calls between .* and .*Asia\/Kathmandu$/ })
      .waitFor()
    const newest = page.getByText(/^The newest is/)
    expect(await newest.textContent()).toContain('Asia/Kathmandu')
    await newest.getByRole('button', { name: 'go there' }).click()
    await callRows(page).first().waitFor()
    expect(await callRows(page).count()).toBe(1)
  })

  test('in a part of the range because it is over its retention, it says so, as Overview does', async () => {
    const createdAtMs = madeAtMs - 24 * HOUR_MS
    await flint.put(...sampleCall({ org: flint.ours.org, createdAtMs, id: 3 }))
    const from = new Date(Date.now() - 200 * 24 * HOUR_MS).toISOString()
    for (const at of ['audit', 'overview']) {
      const page = await open(`${at}?from=${from}`)
      await page
        .getByText(/^ ?Calls before .* UTC are over their retention and in no number\.$/)
        .waitFor()
    }
    const page = await open('audit?last=7d')
    await callRows(page).first().waitFor()
    await page.locator('.result-line strong').waitFor()
    expect(await page.locator('.forgotten').count()).toBe(0)
  })

  test('in the range, the next one enters by itself', async () => {
    const page = await open('audit?last=1h')
    await page.getByRole('heading', { name: /^No calls between/ }).waitFor()
    await page.getByRole('button', { name: 'live', exact: true }).waitFor()
    await flint.put(...sampleCall({ org: flint.ours.org, createdAtMs: Date.now(), id: 2 }))
    await callRows(page).first().waitFor()
  })
})

describe('a long list', () => {
  /** More than the page keeps. */
  const COUNT = 5_600
  const flint = useServer(async () => {
    const started = await startPageOnStore()
    const fromMs = Date.now() - 2 * HOUR_MS
    const { org } = started.ours
    await putSettledCalls(started.store.client, { org, count: COUNT, fromMs })
    return started
  })
  const open = async (path: string) => {
    const page = await flint.open(pages, path)
    await callRows(page).first().waitFor()
    return page
  }
  const listed = () => listedIds({ baseUrl: flint.baseUrl, key: flint.ours.key })

  test('is walked down and up again while calls arrive: none twice, none missing, and what was unloaded comes back', async () => {
    const page = await open('audit?last=7d')
    await page.getByRole('button', { name: 'live', exact: true }).waitFor()
    let made = 0
    const makeCall = async () => {
      made += 1
      const { org } = flint.ours
      await flint.put(...sampleCall({ org, createdAtMs: Date.now(), id: 100 + made }))
    }
    const old = await listed()
    let known = old
    const seen = new Set<string>()
    /** What is drawn is a piece of the list, without a gap or a repetition. */
    async function look(): Promise<void> {
      const ids = (await drawnIds(page)).map(String)
      const at = known.indexOf(ids[0] ?? '')
      expect(at).not.toBe(-1)
      expect(ids).toEqual(known.slice(at, at + ids.length))
      for (const id of ids) seen.add(id)
    }
    async function walk(px: number, isThere: () => Promise<boolean>): Promise<void> {
      for (let steps = 0; !(await isThere()); steps += 1) {
        expect(steps).toBeLessThan(3_000)
        if (steps % 60 === 30) {
          await makeCall()
          known = await listed()
        }
        await scrollBy(page, px)
        await look()
      }
    }
    await look()
    await walk(600, async () => seen.has(old.at(-1) ?? ''))
    expect(old.filter((id) => !seen.has(id))).toEqual([])
    expect(made).toBeGreaterThan(0)

    // The newest were unloaded meanwhile, and have to be asked for again.
    let asked = 0
    page.on('request', (request) => {
      if (/\/ui\/v1\/audit\?.*cursor=/.test(request.url())) asked += 1
    })
    seen.clear()
    await look()
    await walk(-600, async () => seen.has(old[0] ?? ''))
    expect(old.filter((id) => !seen.has(id))).toEqual([])
    expect(asked).toBeGreaterThan(0)

    const pill = page.getByRole('button', { name: / new$/ })
    if (await pill.isVisible()) await pill.click()
    await eventually(async () => (await drawnIds(page))[0]).toBe((await listed())[0])
    known = await listed()
    await look()
  })

  test('has columns as wide as they were dragged, or made by keys; the address keeps it', async () => {
    const page = await open('audit?last=7d&live=off&cols=time,model,cost')
    const [, , before] = await chosenWidths(page)
    const edge = page.getByRole('separator', { name: 'Width of Cost' })
    const box = await edge.boundingBox()
    if (box === null) throw new Error('the edge is not drawn')
    const at = { x: box.x + box.width / 2, y: box.y + box.height / 2 }
    await page.mouse.move(at.x, at.y)
    await page.mouse.down()
    await page.mouse.move(at.x - 20, at.y, { steps: 4 })
    await page.mouse.up()
    await page.waitForURL('**/ui/audit?last=7d&live=off&cols=time,model,cost:76')
    expect(before).toBeGreaterThan(96)

    const ofModel = page.getByRole('separator', { name: 'Width of Model' })
    await ofModel.focus()
    const [, , wide] = await chosenWidths(page)
    await page.keyboard.press('ArrowLeft')
    await page.waitForURL(`**cols=time,model:${Number(wide) - 16},cost:76`)
    await page.reload()
    await callRows(page).first().waitFor()
    const widths = await chosenWidths(page)
    expect(widths.slice(1)).toEqual([112, Number(wide) - 16, 76])
    await ofModel.focus()
    await page.keyboard.press('Enter')
    await page.waitForURL('**cols=time,model,cost:76')
  })
})

describe('an id', () => {
  const flint = useServer(() => startPageOnStore())

  test('that several calls share leads to the list of these, by the field that has it', async () => {
    const { org } = flint.ours
    const beganMs = Date.now() - HOUR_MS
    const call = (id: number) => ({ org, createdAtMs: beganMs + id, id })
    await flint.put(
      ...[1, 2, 3].flatMap((id) => [
        sampleIntent(call(id), {
          trace_id: id < 3 ? 'trace-of-two' : null,
          caller_request_id: id > 1 ? 'caller-of-two' : null,
        }),
        sampleObservation(call(id)),
      ]),
    )
    const page = await flint.open(pages, 'audit')
    await callRows(page).first().waitFor()
    const box = page.getByRole('combobox', { name: 'Filter' })
    for (const [id, field] of [
      ['trace-of-two', 'traceId'],
      ['caller-of-two', 'callerRequestId'],
    ] as const) {
      await page.keyboard.press('Escape')
      await page.getByRole('searchbox', { name: 'Find any id' }).fill(id)
      await page.keyboard.press('Enter')
      await page.waitForURL(`**/ui/audit?*${field}=${id}`)
      await eventually(() => callRows(page).count()).toBe(2)
      expect(await box.inputValue()).toBe(`${field}:${id}`)
    }
  })
})
