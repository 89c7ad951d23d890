import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { useServer } from '../support/use-flint.ts'
import { startSeededPage } from './support/seeded-page.ts'
import { usePages } from './support/use-pages.ts'

/*
 * From the form to sign in on, the page is worked by what a keyboard has, and nothing else: no click,
 * no address, and no focus but by Tab.
 */

const flint = useServer(() => startSeededPage({ days: 2, count: 600 }))
const pages = usePages()

const MOST_TABS = 60
const DAY_MS = 86_400_000
const BOTH_ENDS = /^\d{4}-\d\d-\d\d \d\d:\d\d – (\d{4}-\d\d-\d\d )?\d\d:\d\d UTC$/
/** Pages of Settings beside API Keys, the last one last. */
const OTHER_SETTINGS = [
  { label: /^Data & Privacy$/, at: 'data' },
  { label: /^Sessions$/, at: 'sessions' },
  { label: /^System$/, at: 'system' },
  { label: /^Preferences$/, at: 'preferences' },
] as const

/** Tab until what has the focus is called so; fails where it is never reached. */
async function tabTo(page: Page, name: RegExp): Promise<void> {
  const seen: string[] = []
  for (let tabs = 0; tabs < MOST_TABS; tabs += 1) {
    await page.keyboard.press('Tab')
    const called = await page.evaluate<string>(`(() => {
      const at = document.activeElement
      const label = at.labels?.[0]?.textContent ?? ''
      return [at.getAttribute('aria-label') ?? '', label, at.textContent ?? ''].find((text) => text.trim() !== '') ?? ''
    })()`)
    if (name.test(called.trim())) return
    seen.push(called.trim().slice(0, 40))
  }
  throw new Error(`nothing called ${name} by Tab; there were ${JSON.stringify(seen)}`)
}

async function press(page: Page, ...keys: readonly string[]): Promise<void> {
  for (const key of keys) await page.keyboard.press(key)
}

/** What was copied: no script of the page may ask, so it is pasted where any text may stand. */
async function pasted(page: Page): Promise<string> {
  const box = page.getByRole('searchbox', { name: 'Find any id' })
  await box.focus()
  await press(page, 'Control+v')
  const text = await box.inputValue()
  await box.fill('')
  await box.blur()
  return text
}

/** From the form to Overview. */
async function signInByKeys(): Promise<Page> {
  const page = await pages.open(`${flint.baseUrl}/ui/signin`)
  await page.getByRole('button', { name: 'Sign in' }).waitFor()
  await tabTo(page, /^Flint key$/)
  await page.keyboard.type(flint.ours.key)
  await press(page, 'Enter')
  await page.waitForURL('**/ui/overview')
  await page.getByRole('region', { name: 'Coverage', exact: true }).waitFor()
  return page
}

test('a reader signs in, finds a call, opens it and goes back, by keys alone', async () => {
  const page = await signInByKeys()
  await press(page, 'g', 'a')
  await page.waitForURL('**/ui/audit*')
  await page.locator('[data-call]').first().waitFor()
  await press(page, '/')
  await page.keyboard.type('outcome:complete')
  await press(page, 'Enter')
  await page.waitForURL('**outcome=complete**')
  await press(page, 'Escape', 'Escape')
  await expect.poll(() => page.evaluate('document.activeElement.tagName')).not.toBe('INPUT')

  await press(page, 'j', 'o')
  await page.waitForURL(/\/ui\/audit\/[0-9a-f-]{36}/)
  await page.getByRole('heading', { level: 1, name: /complete 200/ }).waitFor()
  await press(page, 'Escape')
  await page.waitForURL('**/ui/audit?*outcome=complete*')

  await press(page, 'g', 'c')
  await page.waitForURL('**/ui/coverage*')
  await press(page, 'g', 'e')
  await page.waitForURL('**/ui/activity*')
})

test('on each page with a range t opens it with both ends named, and y copies a link to this exact window', async () => {
  const page = await signInByKeys()
  await page.context().grantPermissions(['clipboard-write'])
  for (const [key, at] of [
    ['o', 'overview'],
    ['a', 'audit'],
    ['c', 'coverage'],
    ['e', 'activity'],
  ] as const) {
    await press(page, 'g', key)
    await page.waitForURL(`**/ui/${at}*`)
    await page.getByRole('button', { name: 'Time range: Last 24 h' }).waitFor()
    await press(page, 't')
    const range = page.getByRole('dialog', { name: 'Time range' })
    await range.getByText(BOTH_ENDS).waitFor()
    await press(page, 'Escape')
    await range.waitFor({ state: 'hidden' })

    await press(page, 'y')
    await page.getByText('link copied').waitFor()
    const copied = new URL(await pasted(page))
    expect(copied.pathname).toBe(`/ui/${at}`)
    const { from, to, tz, last } = Object.fromEntries(copied.searchParams)
    expect(Date.parse(to ?? '') - Date.parse(from ?? '')).toBe(DAY_MS)
    expect({ tz, last }).toEqual({ tz: 'UTC', last: undefined })
    await page.getByText('link copied').waitFor({ state: 'hidden' })
  }
})

test('an admin goes to Settings and through its pages, makes a key and switches single keys off, by keys alone', async () => {
  const page = await signInByKeys()
  await press(page, 'g', 's')
  await page.waitForURL('**/ui/settings/keys')
  await page.getByRole('button', { name: 'Create key' }).waitFor()
  await tabTo(page, /^Create key$/)
  await press(page, 'Enter')
  const dialog = page.getByRole('dialog', { name: 'Create key' })
  await dialog.waitFor()
  await tabTo(page, /^Name/)
  await page.keyboard.type('made by keys')
  await press(page, 'Enter')
  await page.getByText('made by keys').first().waitFor()
  await tabTo(page, /I have stored it/)
  await press(page, 'Enter')
  await page.getByRole('row', { name: /made by keys/ }).waitFor()

  for (const { label, at } of OTHER_SETTINGS) {
    await tabTo(page, label)
    await press(page, 'Enter')
    await page.waitForURL(`**/ui/settings/${at}`)
    await page.getByRole('heading', { level: 1, name: label }).waitFor()
  }
  await tabTo(page, /single keys/i)
  await press(page, ' ')
  await press(page, 'g', 'o')
  // What is not off still works, and shows that these keys were heard and did nothing.
  await press(page, 'Control+k')
  await page.getByRole('dialog').waitFor()
  expect(page.url()).toContain('/ui/settings/preferences')
})
