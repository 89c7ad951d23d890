import type { Page } from 'playwright-core'

/** What a reader waits for, measured inside the page by its own clock. */

const FRAMES = 300
const PX_A_FRAME = 60
const KEYS = 40

export interface Frames {
  readonly p50Ms: number
  readonly p95Ms: number
}

/** From the start of the navigation to the frame that has the numbers of the first two tiles. */
export async function firstNumbersMs(page: Page, url: string): Promise<number> {
  await page.goto(url, { waitUntil: 'commit' })
  return await page.evaluate<number>(`new Promise((resolve) => {
    requestAnimationFrame(function look(nowMs) {
      const figures = '.overview-tiles .figure:not(:has(.skeleton))'
      if (document.querySelectorAll(figures).length >= 2) resolve(nowMs)
      else requestAnimationFrame(look)
    })
  })`)
}

/** Time between frames while `element` is scrolled by 60 px in each; null: nothing is scrolled. */
export async function frames(page: Page, element: string | null): Promise<Frames> {
  const between = await page.evaluate<number[]>(`new Promise((resolve) => {
    const scrolled = ${element === null ? 'null' : `document.querySelector('${element}')`}
    const between = []
    let lastMs = null
    requestAnimationFrame(function frame(nowMs) {
      if (lastMs !== null) between.push(nowMs - lastMs)
      lastMs = nowMs
      if (between.length === ${FRAMES}) return resolve(between)
      if (scrolled !== null) scrolled.scrollTop -= ${PX_A_FRAME}
      requestAnimationFrame(frame)
    })
  })`)
  return { p50Ms: quantile(between, 0.5), p95Ms: quantile(between, 0.95) }
}

/** Slowest of 40 presses of a key, from the press to the next frame (INP of so few is the worst). */
export async function slowestKeyMs(page: Page, key: string): Promise<number> {
  await page.evaluate(`
    window.pressedMs = [0]
    new PerformanceObserver((list) => {
      for (const { name, duration } of list.getEntries())
        if (name === 'keydown') pressedMs.push(duration)
    }).observe({ type: 'event', durationThreshold: 16 })`)
  for (let press = 0; press < KEYS; press += 1) {
    await page.keyboard.press(key)
    await page.evaluate('new Promise(requestAnimationFrame)')
  }
  return await page.evaluate<number>('Math.max(...pressedMs)')
}

export interface FirstText {
  /** From the last byte of the answer to the frame with the first text. */
  readonly textMs: number
  readonly longestTaskMs: number
}

/** Of a prompt whose page waits for a reason. */
export async function firstText(page: Page): Promise<FirstText> {
  await page.evaluate(`
    window.longestTaskMs = 0
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries())
        longestTaskMs = Math.max(longestTaskMs, duration)
    }).observe({ type: 'longtask' })
    window.textMs = new Promise((resolve) => {
      requestAnimationFrame(function look(nowMs) {
        if (document.querySelector('.conversation .text') === null)
          return requestAnimationFrame(look)
        requestAnimationFrame((drawnMs) => resolve(drawnMs))
      })
    })
    // What is evaluated last is waited for.
    void 0`)
  await page.getByLabel('Why you read it').fill('measuring how long it takes')
  await page.getByRole('button', { name: 'Read', exact: true }).click()
  await page.locator('.conversation .text').first().waitFor({ timeout: 120_000 })
  const textMs = await page.evaluate<number>(`textMs.then((drawnMs) => {
    const answer = performance.getEntriesByType('resource')
      .findLast(({ name }) => name.includes('/audit/prompt/') && !name.endsWith('/reads'))
    return drawnMs - answer.responseEnd
  })`)
  await page.locator('.conversation[aria-busy="false"]').waitFor({ timeout: 120_000 })
  return { textMs, longestTaskMs: await page.evaluate<number>('longestTaskMs') }
}

/** Rows of the list that are elements. */
export function rowsDrawn(page: Page): Promise<number> {
  return page.locator('.calls tbody tr').count()
}

/** Scrolls down until so many rows are loaded, or no more come for ten seconds. Resolves to rows. */
export async function loadRows(page: Page, rows: number, rowPx: number): Promise<number> {
  return await page.evaluate<number>(`new Promise((resolve) => {
    const box = document.querySelector('.calls-scroller')
    let height = 0
    let sinceMs = performance.now()
    const timer = setInterval(() => {
      if (box.scrollHeight !== height) sinceMs = performance.now()
      height = box.scrollHeight
      box.scrollTop = height
      if (height < ${rows * rowPx} && performance.now() - sinceMs < 10_000) return
      clearInterval(timer)
      resolve(Math.round(height / ${rowPx}))
    }, 50)
  })`)
}

export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}
