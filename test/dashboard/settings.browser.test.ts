import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { PROVIDER_KEY } from '../support/provider-key.ts'
import { chatCompletion, startScriptedProvider } from '../support/scripted-provider.ts'
import { useFlint, useServer } from '../support/use-flint.ts'
import { asAdmin, makeKey } from './support/as-admin.ts'
import { axeFindings } from './support/axe-findings.ts'
import { signIn } from './support/sign-in.ts'
import { usePages } from './support/use-pages.ts'

const provider = useServer(startScriptedProvider)
const flint = useFlint(() => ({ upstream: provider.url }))
const pages = usePages()

type Options = Parameters<typeof pages.open>[1]

async function openAs(key: string, path: string, options?: Options): Promise<Page> {
  const page = await pages.open(`${flint.baseUrl}/ui/signin`, options)
  await signIn(page, key)
  await page.goto(`${flint.baseUrl}${path}`)
  await page.getByRole('heading', { level: 1 }).waitFor({ state: 'attached' })
  return page
}

const SECTIONS = ['keys', 'data', 'workloads', 'sessions', 'system', 'preferences']
const PLACES = [...SECTIONS.map((name) => `/ui/settings/${name}`), '/ui/activity', '/ui/start']

describe.each(['light', 'dark'] as const)('in the %s theme', (theme) => {
  test.each([360, 768, 1440])('nothing keeps anyone out at %s px', async (width) => {
    const page = await openAs(flint.key, '/ui/settings/keys', { theme, width })
    const findings: Record<string, string[]> = {}
    for (const place of PLACES) {
      await page.goto(flint.baseUrl + place)
      await page.waitForLoadState('networkidle').catch(() => undefined)
      await page.getByRole('heading', { level: 1 }).waitFor({ state: 'attached' })
      const found = await axeFindings(page)
      if (found.length > 0) findings[place] = found
      const beyond = 'document.documentElement.scrollWidth - innerWidth'
      expect(await page.evaluate<number>(beyond), place).toBeLessThanOrEqual(0)
    }
    expect(findings).toEqual({})
  })
})

describe('roles', () => {
  test('an auditor sees keys and settings, and each control names who may use it', async () => {
    const { key } = await makeKey(flint, 'auditor', ['read', 'events'])
    const page = await openAs(key, '/ui/settings/keys')
    await page.getByRole('row', { name: /bootstrap/ }).waitFor()
    const create = page.getByRole('button', { name: 'Create key' })
    expect(await create.getAttribute('aria-disabled')).toBe('true')
    expect(await create.getAttribute('title')).toBe('Only an admin (scope admin) may do this.')
    await create.click({ force: true })
    expect(await page.getByRole('dialog').count()).toBe(0)

    await page.getByRole('link', { name: 'Data & Privacy' }).click()
    expect(await page.getByRole('switch', { name: 'Prompt capture' }).isDisabled()).toBe(true)
    expect(await page.getByLabel('Keep records').isDisabled()).toBe(true)
  })

  test('a viewer is not shown keys and settings, but learns who may see them', async () => {
    const { key } = await makeKey(flint, 'viewer', ['read'])
    const page = await openAs(key, '/ui/settings/keys')
    await page.getByText('for an auditor (scopes read events) or an admin').waitFor()
    expect(await page.getByRole('table').count()).toBe(0)
    await page.getByRole('link', { name: 'Data & Privacy' }).click()
    await page.getByText(/Prompt capture is o(n|ff)\./).waitFor()
    await page.getByRole('link', { name: 'System' }).click()
    await page.getByRole('row', { name: /Gate.*up/ }).waitFor()
  })
})

test('records are counted, then erased for a typed phrase, with a receipt in Activity', async () => {
  provider.answer((_, response) => {
    response.setHeader('content-type', 'application/json').end(chatCompletion('hi'))
  })
  for (let calls = 0; calls < 3; calls += 1) {
    const response = await fetch(`${flint.baseUrl}/v1/proxy/openai/v1/chat/completions`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${flint.key}`,
        'x-provider-key': PROVIDER_KEY,
        'x-flint-tag-team': 'leaving',
        'content-type': 'application/json',
      },
      body: JSON.stringify({ model: 'gpt-4o', messages: [{ role: 'user', content: 'hello' }] }),
    })
    await response.text()
  }
  await flint.settled(3, { tag: 'team:leaving' })
  const page = await openAs(flint.key, '/ui/settings/data')
  await page.getByLabel('Tag').fill('team:leaving')
  await page.getByRole('button', { name: 'Count the records…' }).click()
  const dialog = page.getByRole('dialog', { name: '3 records match' })
  const erase = dialog.getByRole('button', { name: 'Erase' })
  await dialog.getByLabel('Type ERASE 3 to confirm').fill('ERASE 2')
  expect(await erase.isDisabled()).toBe(true)
  await dialog.getByLabel('Type ERASE 3 to confirm').fill('ERASE 3')
  await dialog.getByLabel('Reason').fill('they asked for it')
  await erase.click()
  await page.getByText('3 records were erased').waitFor()
  expect(await flint.records({ tag: 'team:leaving' })).toEqual([])
  await page.getByRole('link', { name: 'See it in Activity' }).click()
  await page.getByRole('row', { name: /erased 3 records.*they asked for it/ }).waitFor()
})

test('a legal hold is placed with a reason, listed, and released with one', async () => {
  const page = await openAs(flint.key, '/ui/settings/data')
  await page.getByRole('button', { name: 'Place a hold…' }).click()
  const place = page.getByRole('dialog', { name: 'Place a legal hold' })
  await place.getByLabel('Tag').fill('team:search')
  await place.getByLabel('Reason').fill('case 7')
  await place.getByRole('button', { name: 'Place the hold' }).click()
  const row = page.getByRole('row', { name: /case 7.*tag: team:search.*in force/ })
  await row.getByRole('button', { name: 'Release the hold “case 7”' }).click()
  const release = page.getByRole('dialog', { name: 'Release this hold' })
  await release.getByLabel('Reason').fill('case closed')
  await release.getByRole('button', { name: 'Release' }).click()
  await page.getByRole('row', { name: /case 7.*by bootstrap.*case closed/ }).waitFor()
})

test('sessions of others are ended by an admin, and one’s own by anyone', async () => {
  const { key } = await makeKey(flint, 'leaving', ['read'])
  const theirs = await openAs(key, '/ui/settings/sessions', { allowed: [/401/] })
  await theirs.getByRole('row', { name: /leaving this one/ }).waitFor()
  const mine = await openAs(flint.key, '/ui/settings/sessions', { allowed: [/401/] })
  await mine.getByRole('button', { name: 'End the session of leaving' }).click()
  await mine.getByRole('dialog').getByRole('button', { name: 'End' }).click()
  await mine.getByRole('row', { name: /leaving/ }).waitFor({ state: 'detached' })
  await theirs.getByRole('link', { name: 'Audit' }).click()
  await theirs
    .getByRole('dialog', { name: 'Sign in again' })
    .getByText('You are signed out.')
    .waitFor()
  expect(theirs.url()).toContain('/ui/audit')

  await mine.getByRole('button', { name: 'End all', exact: true }).click()
  await mine.getByRole('dialog').getByRole('button', { name: 'End' }).click()
  await mine.getByRole('dialog', { name: 'Sign in again' }).waitFor()
})

test('preferences stay in this browser', async () => {
  const page = await openAs(flint.key, '/ui/settings/preferences')
  await page.getByLabel('Time zone').selectOption('Europe/Berlin')
  await page.getByRole('radio', { name: 'Dark' }).check()
  await page.getByRole('radio', { name: /^Roomy/ }).check()
  await page.reload()
  await page.getByRole('link', { name: 'Europe/Berlin' }).waitFor()
  const dataset = 'JSON.stringify({ ...document.documentElement.dataset })'
  expect(JSON.parse(await page.evaluate<string>(dataset))).toEqual({
    theme: 'dark',
    density: 'roomy',
  })
  const events = await asAdmin<{ count: number }>(
    flint,
    'GET',
    '/audit/events?action=settings.changed',
  )
  expect(events.count).toBe(0)
})

test('workloads of a mesh are shown as the operator assigned them, with their calls', async () => {
  const page = await openAs(flint.key, '/ui/settings/workloads')
  await page.getByText('No workload of a mesh belongs to this organisation.').waitFor()
  await flint.cli('mesh', 'assign', '--namespace', 'shop', '--no-capture')
  await flint.cli('mesh', 'assign', '--claims')
  await page.reload()
  const row = page.getByRole('row', { name: /any.*shop.*any.*never kept.*certificates/ })
  await row.waitFor()
  await page.getByRole('row', { name: /by the settings.*certificates and claims/ }).waitFor()
  await row.getByRole('link', { name: 'Calls' }).click()
  await page.waitForURL(/\/ui\/audit\?.*source=mesh.*namespace=shop/)
})
