import fs from 'node:fs'
import path from 'node:path'
import type { Page } from 'playwright-core'
import { PROJECT } from '../support/flint.ts'
import { packagedChromium } from './support/packaged-chromium.ts'
import { createPages } from './support/pages.ts'
import { type SeededFlint, startSeededFlint } from './support/seeded-flint.ts'
import { signIn } from './support/sign-in.ts'
import { startBrowser } from './support/start-browser.ts'
import { watchDrawing } from './support/watch-drawing.ts'

/**
 * Pictures of the pages for the docs, in both themes and two widths, of a Flint after a month of
 * use: `npm run screenshots`, or `npm run screenshots -- overview audit` for some of them.
 *
 * Calls are the same at each run, up to the same moment, which is the page's clock. Ids, and what
 * was done today (events, sessions, the one call with a prompt), are new each time, so pictures
 * differ in them.
 */

/** End of the seeded month: a Monday afternoon. */
const END_MS = Date.parse('2026-11-30T14:22:07Z')
/** A month of calls that are kept for 90 days, as where no one has changed that. */
const DRAWN_WITHIN_DAYS = 55
const ageDays = (Date.now() - END_MS) / 86_400_000
if (ageDays < 0 || ageDays > DRAWN_WITHIN_DAYS)
  throw new Error(
    `END_MS is not of the last ${DRAWN_WITHIN_DAYS} days: move it to a Monday afternoon`,
  )

interface Picture {
  readonly path: (flint: SeededFlint) => string
  /** All of the page, not only what fits the window. */
  readonly whole?: boolean
  /** Shows what was done today, and is drawn with today's clock. */
  readonly isOfToday?: boolean
  /** What is done on the page before it is drawn. */
  readonly act?: (page: Page) => Promise<void>
}

/** Of one who is signed in, by their file names; what leaves traces on others comes last. */
const PICTURES: Readonly<Record<string, Picture>> = {
  overview: { path: () => '/ui/overview?last=7d', whole: true },
  audit: { path: () => '/ui/audit' },
  coverage: { path: () => '/ui/coverage?last=7d', whole: true },
  call: {
    path: ({ conversation }) => `/ui/audit/${conversation}`,
    ...{ whole: true, isOfToday: true },
  },
  prompt: { path: ({ conversation }) => `/ui/audit/${conversation}/prompt`, isOfToday: true },
  activity: { path: () => '/ui/activity', isOfToday: true },
  'settings-keys': { path: () => '/ui/settings/keys', isOfToday: true },
  'settings-data': { path: () => '/ui/settings/data', whole: true, isOfToday: true },
  'settings-workloads': { path: () => '/ui/settings/workloads', isOfToday: true },
  'settings-sessions': { path: () => '/ui/settings/sessions', isOfToday: true },
  'settings-system': { path: () => '/ui/settings/system', isOfToday: true },
  'settings-preferences': { path: () => '/ui/settings/preferences' },
  start: { path: () => '/ui/start', whole: true, isOfToday: true },
  conversation: {
    path: ({ conversation }) => `/ui/audit/${conversation}/prompt`,
    isOfToday: true,
    async act(page) {
      await page.getByLabel('Why you read it').fill('ticket 17: what was promised')
      await page.getByRole('button', { name: 'Read', exact: true }).click()
      await page.locator('.conversation').waitFor()
    },
  },
}
const SIGN_IN = 'sign-in'

const WINDOWS = (['light', 'dark'] as const).flatMap((theme) => [
  { theme, width: 1440, height: 900 },
  { theme, width: 390, height: 844 },
])

const FOLDER = path.join(PROJECT, 'docs/images')

const wanted = process.argv.slice(2)
const isWanted = (name: string) => wanted.length === 0 || wanted.includes(name)
const unknown = wanted.filter((name) => name !== SIGN_IN && !Object.hasOwn(PICTURES, name))
if (unknown.length > 0) throw new Error(`no page is called ${unknown.join(', ')}`)

fs.mkdirSync(FOLDER, { recursive: true })
const flint = await startSeededFlint({ endMs: END_MS, organisation: 'acme-prod' })
await flint.cli('mesh', 'assign', '--namespace', 'shop')
await flint.cli(
  'mesh',
  'assign',
  '--namespace',
  'search',
  '--service-account',
  'ranker',
  '--no-capture',
)
const browser = await startBrowser(await packagedChromium())
const pages = createPages(browser)
try {
  const drawers = await Promise.all(WINDOWS.map(openWindow))
  if (isWanted(SIGN_IN)) await Promise.all(drawers.map((draw) => draw(SIGN_IN)))
  for (const { page } of drawers) await signIn(page, flint.key)
  for (const name of Object.keys(PICTURES).filter(isWanted)) {
    await Promise.all(drawers.map((draw) => draw(name)))
    console.log(`${name}: drawn`)
  }
  await pages.close()
} finally {
  await browser.close()
  await flint.stop()
}

type Draw = ((name: string) => Promise<void>) & { readonly page: Page }

async function openWindow(window: (typeof WINDOWS)[number]): Promise<Draw> {
  const page = await pages.open(`${flint.baseUrl}/ui/signin`, window)
  const drawn = watchDrawing(page)
  let isOfToday = false
  await page.route(/\/(summary|losses|system)\b/, async (route) => {
    if (isOfToday) return await route.fallback()
    const response = await route.fetch()
    await route.fulfill({ response, body: notAfterEnd(await response.text()) })
  })
  // A live list follows the store's clock; today's call, which is not of its month, is left out.
  await page.route(/\/audit(\/live)?\?/, (route) => {
    const url = new URL(route.request().url())
    if (!isOfToday && !url.searchParams.has('to')) url.searchParams.set('traceId', 'none')
    return route.continue({ url: url.href })
  })
  const draw = async (name: string) => {
    const picture = PICTURES[name]
    isOfToday = picture?.isOfToday === true
    await page.clock.setFixedTime(isOfToday ? Date.now() : END_MS)
    await page.goto(flint.baseUrl + (picture?.path(flint) ?? '/ui/signin'))
    await drawn()
    if (picture?.act) {
      await picture.act(page)
      await drawn()
    }
    const file = `${name}-${window.theme}-${window.width}.png`
    await page.screenshot({ path: path.join(FOLDER, file), fullPage: picture?.whole ?? false })
  }
  return Object.assign(draw, { page })
}

/** The store goes by its own clock: up to when it knows all is not later than the pictures' moment. */
function notAfterEnd(json: string): string {
  return json.replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, (instant) =>
    Date.parse(instant) > END_MS ? new Date(END_MS).toISOString() : instant,
  )
}
