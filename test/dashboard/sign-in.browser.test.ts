import fs from 'node:fs'
import path from 'node:path'
import type { Page } from 'playwright-core'
import { afterEach, describe, expect, test } from 'vitest'
import { useServer } from '../support/use-flint.ts'
import { axeFindings } from './support/axe-findings.ts'
import { startPageOnStore } from './support/page-on-store.ts'
import { signIn } from './support/sign-in.ts'
import { usePages } from './support/use-pages.ts'

/** By how much the server's clock is ahead of this machine's. */
let aheadMs = 0
afterEach(() => {
  aheadMs = 0
})
const flint = useServer(() => startPageOnStore({ sessionNowMs: () => Date.now() + aheadMs }))
const pages = usePages()

const MINUTE_MS = 60_000
/** What a page that is signed out gets, and the browser complains of. */
const allowed = [/40[13]/]

async function keyWith(name: string, scopes: readonly string[]) {
  const made = await flint.ask('POST', '/v1/keys', { body: { name, scopes } })
  return { id: made.body.id, key: String(made.body.key) }
}

const again = (page: Page) => page.getByRole('dialog', { name: 'Sign in again' })

async function enter(page: Page, key: string): Promise<void> {
  await page.getByLabel('Flint key').fill(key)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
}

/** Signed in at a page whose clock is set by the test, and which has loaded. */
async function openWithClock(key: string): Promise<Page> {
  const page = await pages.open(`${flint.baseUrl}/ui/signin`, { allowed })
  await signIn(page, key)
  await page.clock.install()
  await page.goto(`${flint.baseUrl}/ui/settings/preferences`)
  await page.getByRole('heading', { name: 'Preferences' }).waitFor()
  return page
}

/** Time passes for both the page and the server. */
async function pass(page: Page, ms: number): Promise<void> {
  aheadMs += ms
  await page.clock.fastForward(ms)
}

describe('signing in', () => {
  test('with a key: a wrong one and one of an application are refused with the reason, a good one leads on', async () => {
    const { key } = await keyWith('app', ['proxy'])
    const reader = await keyWith('reader', ['read'])
    const page = await pages.open(`${flint.baseUrl}/ui/coverage?last=7d`, { allowed })
    await enter(page, 'flnt_live_wrong')
    await page.getByText('This Flint key is unknown, expired or revoked.').waitFor()
    await enter(page, key)
    await page.getByText('This Flint key has the scopes proxy.').waitFor()
    await enter(page, reader.key)
    await page.waitForURL('**/ui/coverage?last=7d')
    await page.getByRole('navigation', { name: 'Pages' }).waitFor()
    expect(await page.content()).not.toContain(reader.key)
  })
})

test('a page that is older than what Flint serves offers to be loaded anew', async () => {
  const { pageDirectory } = flint.dashboard
  const page = await openWithClock(flint.ours.key)
  const built = fs.realpathSync(pageDirectory)
  fs.rmSync(pageDirectory)
  fs.cpSync(built, pageDirectory, { recursive: true })
  fs.appendFileSync(path.join(pageDirectory, 'index.html'), '<!-- the next build -->')
  const offer = page.getByText('Flint was updated.')
  await expect
    .poll(async () => {
      await pass(page, MINUTE_MS / 2)
      return await offer.count()
    })
    .toBe(1)
  await page.getByRole('button', { name: 'Reload' }).click()
  await offer.waitFor({ state: 'detached' })
  await page.getByRole('heading', { name: 'Preferences' }).waitFor()
})

describe('a session that ended', () => {
  test('because its key was revoked elsewhere: the next click asks in place, then the same address', async () => {
    const leaving = await keyWith('leaving', ['read'])
    const page = await flint.open(pages, 'settings/preferences', { key: leaving.key, allowed })
    await page.getByRole('heading', { name: 'Preferences' }).waitFor()
    await flint.ask('DELETE', `/v1/keys/${leaving.id}`)
    await page.getByRole('link', { name: 'Coverage' }).click()
    await again(page).getByText('its key was revoked').waitFor()
    // Nothing of the page can be read behind it, and Escape leads past it no more than a click.
    expect(await page.locator('#main').isVisible()).toBe(false)
    await page.keyboard.press('Escape')
    await page.keyboard.press('Escape')
    await expect.poll(() => again(page).isVisible()).toBe(true)
    expect(await axeFindings(page)).toEqual([])

    const address = page.url()
    expect(address).toContain('/ui/coverage')
    await enter(page, (await keyWith('next', ['read'])).key)
    await again(page).waitFor({ state: 'detached' })
    await page.getByText('No call was let through in the last 24 h').waitFor()
    expect(page.url()).toBe(address)
  })

  test('by itself, unused: said two minutes before, kept by "Stay", else asked for in place', async () => {
    const { key } = await keyWith('idle', ['read'])
    const page = await openWithClock(key)
    const warning = page.getByText(/^You are signed out at \d\d:\d\d:\d\d UTC, because/)
    await pass(page, 27 * MINUTE_MS)
    expect(await warning.count()).toBe(0)
    await pass(page, 1.5 * MINUTE_MS)
    await warning.waitFor()
    await page.getByRole('button', { name: 'Stay' }).click()
    await warning.waitFor({ state: 'detached' })
    await pass(page, 5 * MINUTE_MS)
    expect(await again(page).count()).toBe(0)
    await pass(page, 26 * MINUTE_MS)
    await again(page).getByText('nothing was done here for a while').waitFor()
    await enter(page, key)
    await again(page).waitFor({ state: 'detached' })
    await page.getByRole('heading', { name: 'Preferences' }).waitFor()
  })

  test('after twelve hours, however much it was used', async () => {
    const { key } = await keyWith('long day', ['read'])
    const page = await openWithClock(key)
    for (let minutes = 25; minutes < 12 * 60; minutes += 25) {
      aheadMs += 25 * MINUTE_MS
      const answer = await page.context().request.get(`${flint.baseUrl}/ui/v1/me`)
      expect(answer.status()).toBe(200)
    }
    await page.clock.fastForward(aheadMs)
    await pass(page, 18.5 * MINUTE_MS)
    await page.getByText(/^This session ends at \d\d:\d\d:\d\d UTC/).waitFor()
    await pass(page, 2 * MINUTE_MS)
    await again(page).getByText('Your session came to its end.').waitFor()
  })

  test('by signing out: a copied cookie is of no use', async () => {
    const page = await flint.open(pages, 'settings/preferences', { allowed })
    const copied = await page.context().cookies(`${flint.baseUrl}/ui/`)
    await page.getByRole('button', { name: 'Account' }).click()
    await page.getByText('Sign out').click()
    await page.waitForURL('**/ui/signin')
    expect(await page.context().cookies(`${flint.baseUrl}/ui/`)).toEqual([])

    const thief = await pages.open(`${flint.baseUrl}/ui/signin`, { allowed })
    await thief.context().addCookies(copied)
    await thief.goto(`${flint.baseUrl}/ui/audit`)
    await thief.waitForURL('**/ui/signin?next=*')
    await thief.getByText('You are signed out.').waitFor()
  })
})
