import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { findEnvoy } from '../../envoy/find-envoy.ts'
import { PROVIDER_KEY } from '../support/provider-key.ts'
import { chatCompletion, startScriptedProvider } from '../support/scripted-provider.ts'
import { until } from '../support/until.ts'
import { useFlint, useServer } from '../support/use-flint.ts'
import { asAdmin } from './support/as-admin.ts'
import { signIn } from './support/sign-in.ts'
import { usePages } from './support/use-pages.ts'

const provider = useServer(startScriptedProvider)
const flint = useFlint(() => ({ upstream: provider.url }))
const pages = usePages()

async function openSettings(section: string, allowed: RegExp[] = []): Promise<Page> {
  const page = await pages.open(`${flint.baseUrl}/ui/signin`, { allowed })
  await signIn(page, flint.key)
  await page.goto(`${flint.baseUrl}/ui/settings/${section}`)
  await page.getByRole('heading', { level: 1 }).waitFor()
  return page
}

/** Status of a call through the proxy with a Flint key. */
async function call(key: string): Promise<number> {
  provider.answer((_, response) => {
    response.setHeader('content-type', 'application/json').end(chatCompletion('hi'))
  })
  const response = await fetch(`${flint.baseUrl}/v1/proxy/openai/v1/chat/completions`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${key}`,
      'x-provider-key': PROVIDER_KEY,
      'content-type': 'application/json',
    },
    body: JSON.stringify({ model: 'gpt-4o', messages: [{ role: 'user', content: 'hello' }] }),
  })
  await response.text()
  return response.status
}

/** Everything of the page in which a key could be left behind. */
async function everythingOf(page: Page): Promise<string> {
  return await page.evaluate<string>(`[
    document.documentElement.outerHTML,
    ...[...document.querySelectorAll('input')].map(({ value }) => value),
    JSON.stringify({ ...localStorage, ...sessionStorage }),
    JSON.stringify(history.state),
    location.href,
    document.cookie,
  ].join('\\n')`)
}

/** The key that the open dialog shows, which it is closed with. */
async function shownKey(page: Page): Promise<string> {
  const shown = page.getByText(/^flnt_live_\w+$/)
  const key = (await shown.textContent()) ?? ''
  expect(await everythingOf(page)).toContain(key)
  // Escape is pressed by mistake: the key must not be lost by it.
  for (let times = 0; times < 3; times += 1) await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'I have stored it' }).click()
  await shown.waitFor({ state: 'detached' })
  return key
}

describe('a key', () => {
  test('is created, used, rotated, revoked and refused, and left nowhere in the page', async () => {
    const page = await openSettings('keys')
    await page.getByRole('button', { name: 'Create key' }).click()
    await page.getByLabel('Name').fill('search-service')
    await page.getByRole('radio', { name: /^Application/ }).check()
    await page.getByRole('dialog').getByRole('button', { name: 'Create key' }).click()
    const first = await shownKey(page)
    expect(await everythingOf(page)).not.toContain(first)
    await until('the new key is taken', 15_000, async () => (await call(first)) === 200)
    const row = page.getByRole('row', { name: /search-service/ })
    expect(await row.textContent()).toContain(`...${first.slice(-4)}`)

    await page.getByRole('button', { name: 'Actions of search-service' }).click()
    await page.getByRole('menuitem', { name: 'Rotate…' }).click()
    await page.getByRole('radio', { name: /^Not at all/ }).check()
    await page.getByRole('button', { name: 'Rotate' }).click()
    const second = await shownKey(page)
    expect(second).not.toBe(first)
    await until('the old key is refused', 15_000, async () => (await call(first)) === 401)
    await until('the new key is taken', 15_000, async () => (await call(second)) === 200)

    await page.getByRole('row', { name: /search-service.*expired/ }).waitFor()
    const active = page.getByRole('row', { name: /search-service.*active/ })
    await active.getByRole('button', { name: /Actions/ }).click()
    await page.getByRole('menuitem', { name: 'Revoke…' }).click()
    const revoke = page.getByRole('button', { name: 'Revoke' })
    expect(await revoke.isDisabled()).toBe(true)
    await page.getByLabel('Type search-service to confirm').fill('search-service')
    await revoke.click()
    await active.waitFor({ state: 'detached' })
    await until('the revoked key is refused', 15_000, async () => (await call(second)) === 401)
    const left = await everythingOf(page)
    for (const key of [first, second]) expect(left).not.toContain(key)
  })

  test('that is the last of an admin stays, and the page says what to do first', async () => {
    const page = await openSettings('keys', [/409/])
    await page.getByRole('button', { name: 'Actions of bootstrap' }).click()
    await page.getByRole('menuitem', { name: 'Revoke…' }).click()
    await page.getByText('you will be signed out').waitFor()
    await page.getByLabel('Type bootstrap to confirm').fill('bootstrap')
    await page.getByRole('button', { name: 'Revoke' }).click()
    await page.getByText('Create another admin key first').waitFor()
  })
})

test('System names the parts that run, the versions of Flint and Envoy, and how old the prices are known to be', async () => {
  const page = await openSettings('system')
  const parts = page.getByRole('table', { name: 'Parts of this installation' })
  for (const part of ['Gate', 'Observer', 'Delivery', 'Store'])
    await parts.getByRole('row', { name: new RegExp(`^${part} .* up`) }).waitFor()
  const { version } = JSON.parse(fs.readFileSync('package.json', 'utf8')) as { version: string }
  await page.getByText(`${version}, page`).waitFor()
  const configuredPath = process.env['FLINT_ENVOY_PATH']
  const said = execFileSync(await findEnvoy({ configuredPath, say: () => {} }), ['--version'])
  const [envoyVersion] = /\d+\.\d+\.\d+/.exec(said.toString()) ?? []
  expect(await asAdmin(flint, 'GET', '/system')).toMatchObject({ envoyVersion })
  await page.getByText(envoyVersion ?? 'no version', { exact: true }).waitFor()
  await page
    .getByText(/^genai-prices@[\d.]+, published on 20\d\d-\d\d-\d\d, \d+ days ago/)
    .waitFor()

  // A file does not say how old its prices are.
  const file = path.join(flint.dataDir, 'brought.json')
  const model = { id: 'gpt-next', match: { equals: 'gpt-next' }, prices: { input_mtok: 7 } }
  const openai = { id: 'openai', name: 'OpenAI', api_pattern: '.*', models: [model] }
  fs.writeFileSync(file, JSON.stringify([openai]))
  await flint.cli('prices', 'update', '--file', file)
  await page
    .getByText(/^genai-prices-file@\w+, brought in on [\d-]+, \d days ago; .* is not known$/)
    .waitFor()
  expect(await flint.cli('prices', 'check')).toMatch(/brought in on [\d-]+, \d days ago \(when/)
})

describe('prompt capture', () => {
  test('is switched on with a reason, and said to be in force on every gate', async () => {
    const page = await openSettings('data')
    // At first the gate has not taken over the change yet.
    let isLate = true
    await page.route('**/ui/v1/system', async (route) => {
      const response = await route.fetch()
      const system = (await response.json()) as { settingsSeenBy: { revision: number }[] }
      if (isLate) for (const gate of system.settingsSeenBy) gate.revision -= 1
      await route.fulfill({ response, json: system })
    })
    const capture = page.getByRole('switch', { name: 'Prompt capture' })
    expect(await capture.isChecked()).toBe(false)
    await capture.click()
    const dialog = page.getByRole('dialog', { name: 'Switch prompt capture on' })
    const store = dialog.getByRole('button', { name: 'Switch prompt capture on' })
    expect(await store.isDisabled()).toBe(true)
    await dialog.getByLabel('Reason').fill('ticket 12')
    await store.click()
    await page.getByText(/In force on every gate by \d\d:\d\d:\d\d.*· 0 of 1 gate/).waitFor()
    isLate = false
    await page.getByText(/In force on every gate.*· 1 of 1 gate/).waitFor({ timeout: 70_000 })
    expect(await capture.isChecked()).toBe(true)
    await page.getByText('“ticket 12”').waitFor()
    await page.getByText('Full text, tool calls, attachments').waitFor()
    expect(await asAdmin(flint, 'GET', '/settings')).toMatchObject({ promptCapture: true })
  })

  test('that someone else changed meanwhile is shown in both versions, and no input is lost', async () => {
    const page = await openSettings('data', [/409/])
    await page.getByLabel('Keep records').fill('30')
    await page.getByRole('button', { name: 'Review 2 changes…' }).click()
    await page.getByText(/records older than \d{4}-\d\d-\d\d become invisible at once/).waitFor()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Reason').fill('new policy')
    await dialog.getByLabel('Type KEEP 30 DAYS to confirm').fill('KEEP 30 DAYS')
    await asAdmin(flint, 'PATCH', '/settings', { retentionDays: 60 })
    await dialog.getByRole('button', { name: 'Change settings' }).click()

    await dialog.getByText('changed by someone else meanwhile').waitFor()
    const row = dialog.getByRole('row', { name: /Keep records/ })
    expect(await row.getByRole('cell').allTextContents()).toEqual(['90 days', '60 days', '30 days'])
    expect(await dialog.getByLabel('Reason').inputValue()).toBe('new policy')
    // What is confirmed is another change now: it is confirmed anew.
    await dialog.getByLabel('Type KEEP 30 DAYS to confirm').fill('KEEP 30 DAYS')
    await dialog.getByRole('button', { name: 'Change to yours' }).click()
    await dialog.waitFor({ state: 'detached' })
    expect(await asAdmin(flint, 'GET', '/settings')).toMatchObject({
      retentionDays: 30,
      contentRetentionDays: 30,
    })
  })
})
