import fs from 'node:fs'
import path from 'node:path'
import type { Page, Request } from 'playwright-core'
import { PROJECT } from '../support/flint.ts'
import { until } from '../support/until.ts'
import { packagedChromium } from './support/packaged-chromium.ts'
import { createPages } from './support/pages.ts'
import { type SeededFlint, startSeededFlint } from './support/seeded-flint.ts'
import { signIn } from './support/sign-in.ts'
import { startBrowser } from './support/start-browser.ts'

/**
 * Pictures of the pages for the docs, in both themes and two widths, of a Flint after a month of
 * use: `npm run screenshots`, or `npm run screenshots -- overview audit` for some of them.
 */

interface Picture {
  readonly path: (flint: SeededFlint) => string
  /** All of the page, not only what fits the window. */
  readonly whole?: boolean
}

/** Of one who is signed in, by their file names. */
const PICTURES: Readonly<Record<string, Picture>> = {
  overview: { path: () => '/ui/overview?last=7d', whole: true },
  audit: { path: () => '/ui/audit' },
  call: { path: ({ conversation }) => `/ui/audit/${conversation}`, whole: true },
  prompt: { path: ({ conversation }) => `/ui/audit/${conversation}/prompt` },
  coverage: { path: () => '/ui/coverage?last=7d', whole: true },
  activity: { path: () => '/ui/activity' },
  'settings-keys': { path: () => '/ui/settings/keys' },
  'settings-data': { path: () => '/ui/settings/data', whole: true },
  'settings-sessions': { path: () => '/ui/settings/sessions' },
  'settings-system': { path: () => '/ui/settings/system' },
  'settings-preferences': { path: () => '/ui/settings/preferences' },
  start: { path: () => '/ui/start', whole: true },
}
const SIGN_IN = 'sign-in'

const THEMES = ['light', 'dark'] as const
const WINDOWS = [
  { width: 1440, height: 900 },
  { width: 390, height: 844 },
] as const

const FOLDER = path.join(PROJECT, 'docs/images')
/** A page is drawn once nothing has been on its way to it for so long. */
const QUIET_MS = 500

const wanted = process.argv.slice(2)
const isWanted = (name: string) => wanted.length === 0 || wanted.includes(name)
const unknown = wanted.filter((name) => name !== SIGN_IN && !Object.hasOwn(PICTURES, name))
if (unknown.length > 0) throw new Error(`no page is called ${unknown.join(', ')}`)

fs.mkdirSync(FOLDER, { recursive: true })
const flint = await startSeededFlint()
/** All pictures are of one moment, just after the last call. */
const nowMs = Date.now()
const browser = await startBrowser(await packagedChromium())
const pages = createPages(browser)
try {
  for (const theme of THEMES)
    for (const window of WINDOWS) {
      const save = (page: Page, name: string, whole = false) =>
        page.screenshot({
          path: path.join(FOLDER, `${name}-${theme}-${window.width}.png`),
          fullPage: whole,
        })
      const page = await pages.open(`${flint.baseUrl}/ui/signin`, { theme, ...window })
      const quiet = watchRequests(page)
      await page.clock.setFixedTime(nowMs)
      if (isWanted(SIGN_IN)) {
        await page.reload()
        await quiet()
        await save(page, SIGN_IN)
      }
      await signIn(page, flint.key)
      for (const [name, picture] of Object.entries(PICTURES).filter(([each]) => isWanted(each))) {
        await page.goto(flint.baseUrl + picture.path(flint))
        await quiet()
        await save(page, name, picture.whole)
      }
      await pages.close()
      console.log(`${theme}, ${window.width} px: drawn`)
    }
} finally {
  await browser.close()
  await flint.stop()
}

/** Waits until all that the page asked for has come and is drawn, but for streams without an end. */
function watchRequests(page: Page): () => Promise<void> {
  const open = new Set<Request>()
  let changedMs = performance.now()
  const changed = () => {
    changedMs = performance.now()
  }
  const ended = (request: Request) => {
    open.delete(request)
    changed()
  }
  page.on('request', (request) => {
    if (!request.url().includes('/audit/live')) open.add(request)
    changed()
  })
  page.on('requestfinished', ended)
  page.on('requestfailed', ended)
  const placeholders = page.locator('.skeleton')
  return async () => {
    changed()
    await until('the page to be drawn', 60_000, async () => {
      if (open.size > 0 || performance.now() - changedMs < QUIET_MS) return false
      return (await page.locator('main').count()) > 0 && (await placeholders.count()) === 0
    })
  }
}
