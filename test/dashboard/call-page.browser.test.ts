import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import {
  sampleAccessLogRow,
  sampleClosing,
  sampleIntent,
  sampleObservation,
  samplePricing,
  sampleRecordId,
} from '../../src/evidence/sample-evidence.ts'
import { useServer } from '../support/use-flint.ts'
import { axeFindings } from './support/axe-findings.ts'
import { startPageOnStore } from './support/page-on-store.ts'
import { usePages } from './support/use-pages.ts'

const flint = useServer(startPageOnStore)
const pages = usePages()

let calls = 0
/** A call of its own, as old as its outcome needs. */
function aCall(agoMs = 60_000) {
  calls += 1
  return { org: flint.ours.org, createdAtMs: Date.now() - agoMs, id: calls }
}
const idOf = ({ createdAtMs, id }: ReturnType<typeof aCall>) => sampleRecordId(createdAtMs, id)
const open = (call: ReturnType<typeof aCall>, query = '', options = {}) =>
  flint.open(pages, `audit/${idOf(call)}${query}`, options)
const heading = (page: Page) => page.getByRole('heading', { level: 1 }).textContent()
const section = (page: Page, title: string) =>
  page.locator('section', { has: page.getByRole('heading', { name: title }) })

describe('a call that was', () => {
  test('whole shows its numbers, whose they are, and that nothing contradicts', async () => {
    const call = aCall()
    await flint.put(sampleIntent(call), sampleObservation(call), sampleClosing(call))
    const page = await open(call)
    expect(await heading(page)).toMatch(/gpt-4o-2024-08-06.*\/v1\/chat\/completions.*complete 200/)
    const sources = section(page, 'Where each number came from').getByRole('row')
    expect(await sources.filter({ hasText: 'Latency' }).textContent()).toMatch(
      /843 ms.*E, Envoy.*observer has 840 ms/,
    )
    expect(await sources.filter({ hasText: 'Tokens' }).textContent()).toContain('640')
    expect(await section(page, 'Usage and cost').textContent()).toContain('0.008320')
    // The observer counts bodies, Envoy what it sent: they need not agree.
    expect(await section(page, 'Evidence').textContent()).toContain('request_bytes')
  })

  test('left early says so, with what was seen of it', async () => {
    const call = aCall()
    await flint.put(
      sampleIntent(call),
      sampleObservation(call, {
        ...{ response_complete: false, gap: 'call_ended_early', usage_source: 'partial' },
        ...{ cost_status: 'estimated', cost_reason: 'partial_usage' },
      }),
      sampleClosing(call, { response_flags: 'DC', response_code_details: 'downstream' }),
    )
    const page = await open(call)
    expect(await heading(page)).toContain('left early')
    const usage = await section(page, 'Usage and cost').textContent()
    expect(usage).toContain('~0.008320')
    expect(usage).toContain('not the provider’s final numbers')
  })

  test('not seen shows no number as 0, and why', async () => {
    const call = aCall()
    await flint.put(sampleIntent(call), sampleAccessLogRow(call))
    const page = await open(call)
    expect(await heading(page)).toContain('not seen')
    const total = section(page, 'Usage and cost').getByRole('row', { name: /^Total/ })
    expect(await total.textContent()).toMatch(/^Total\s*—\s*—\s*$/)
    expect(await section(page, 'Evidence').textContent()).toContain('No row of the observer came')
  })

  test('refused says by which error, and what it lacked', async () => {
    const call = aCall()
    await flint.put(sampleIntent(call, { error_code: 'missing_provider_key', status: 400 }))
    const page = await open(call)
    expect(await heading(page)).toContain('refused 400')
    expect(await page.getByRole('note').textContent()).toContain('x-provider-key')
  })

  test('priced again shows both prices, and which one counts', async () => {
    const call = aCall()
    await flint.put(
      sampleIntent(call),
      sampleObservation(call),
      sampleClosing(call),
      samplePricing(call, { cost_usd: '0.0123' }),
    )
    const page = await open(call)
    expect(await section(page, 'Usage and cost').textContent()).toContain('0.012300')
    const changed = section(page, 'Evidence').getByRole('row', { name: /cost_usd/ })
    expect(await changed.textContent()).toMatch(/0\.00832.*0\.0123.*later row stands over/)
  })

  test('reported by its client says so', async () => {
    const id = await flint.report({
      provider: 'openai',
      endpoint: '/v1/chat/completions',
      response: {
        model: 'gpt-4o',
        choices: [],
        usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 },
      },
    })
    const page = await flint.open(pages, `audit/${id}`)
    expect(await page.locator('.call-head').textContent()).toContain('reported by the caller')
  })

  test('still open is asked for again until it has ended', async () => {
    const call = aCall(1_000)
    await flint.put(sampleIntent(call))
    const page = await open(call, '', { allowed: [/404/] })
    expect(await heading(page)).toBe('This call is still open')
    await flint.put(sampleObservation(call), sampleClosing(call))
    await page.getByRole('heading', { name: 'gpt-4o-2024-08-06' }).waitFor()
  })
})

test('j and k walk the list that the call was opened from, Escape leads back to it', async () => {
  const [older, other, newer] = [aCall(90_000), aCall(80_000), aCall(70_000)]
  for (const call of [older, newer])
    await flint.put(
      sampleIntent(call, { tags: { walk: 'yes' } }),
      sampleObservation(call),
      sampleClosing(call),
    )
  await flint.put(sampleIntent(other), sampleObservation(other), sampleClosing(other))
  const filter = '?last=24h&tag=walk:yes'
  const page = await open(newer, filter)
  await page.getByRole('link', { name: /^Next call/ }).waitFor()
  expect(await page.getByRole('button', { name: /^Previous call/ }).isDisabled()).toBe(true)
  await page.keyboard.press('j')
  await page.waitForURL(`**/audit/${idOf(older)}${filter}`)
  await page.getByRole('link', { name: /^Previous call/ }).waitFor()
  await page.keyboard.press('k')
  await page.waitForURL(`**/audit/${idOf(newer)}${filter}`)
  await page.keyboard.press('Escape')
  await page.waitForURL(`**/ui/audit${filter}&around=${idOf(newer)}`)
})

test('an admin erases a call with a reason; its event is the receipt', async () => {
  const call = aCall()
  await flint.put(sampleIntent(call), sampleObservation(call), sampleClosing(call))
  const page = await open(call)
  await page.getByRole('button', { name: 'Erase…' }).click()
  const dialog = page.getByRole('dialog')
  const erase = dialog.getByRole('button', { name: 'Erase for good' })
  await dialog.getByLabel('Reason').fill('the caller asked for it')
  expect(await erase.isDisabled()).toBe(true)
  await dialog.getByLabel(/^Type ERASE/).fill('ERASE')
  await erase.click()
  await page.getByRole('heading', { name: 'This call is erased' }).waitFor()
  const { events } = (await flint.ask('GET', '/v1/audit/events?action=record.erased')).body
  expect(JSON.stringify(events)).toContain('the caller asked for it')
  expect((await flint.ask('GET', `/v1/audit/${idOf(call)}`)).status).toBe(404)
})

test('a viewer sees what only others may do, and by whom a prompt was read not at all', async () => {
  const id = await flint.report({
    provider: 'openai',
    endpoint: '/v1/chat/completions',
    messages: [{ role: 'user', content: 'hello' }],
    response: { model: 'gpt-4o', choices: [] },
  })
  await flint.ask('GET', `/v1/audit/prompt/${id}?reason=ticket+17`)
  const viewer = { name: 'viewer', scopes: ['read'] }
  const { key } = (await flint.ask('POST', '/v1/keys', { body: viewer })).body
  const page = await flint.open(pages, `audit/${id}`, { key: String(key) })
  const prompt = section(page, 'Prompt')
  await prompt
    .getByText(/are kept, apart from the record, until 20\d\d-\d\d-\d\d \d\d:\d\d/)
    .waitFor()
  await prompt.getByText('Read once.').waitFor()
  expect(await prompt.textContent()).not.toContain('ticket 17')
  for (const name of ['Read prompt…', 'Erase…']) {
    const button = page.getByRole('button', { name })
    expect(await button.getAttribute('aria-disabled')).toBe('true')
    expect(await button.getAttribute('title')).toMatch(/^Only /)
  }
})

test('a call is printed on one page', async () => {
  const call = aCall()
  await flint.put(sampleIntent(call), sampleObservation(call), sampleClosing(call))
  const page = await open(call)
  const pdf = (await page.pdf({ format: 'A4' })).toString('latin1')
  expect(pdf.match(/\/Type \/Page\b(?!s)/g)).toHaveLength(1)
})

test.each([
  [360, 'light'],
  [360, 'dark'],
  [768, 'light'],
  [768, 'dark'],
  [1440, 'light'],
  [1440, 'dark'],
] as const)('has nothing for axe to find at %i px, %s', async (width, theme) => {
  const call = aCall()
  await flint.put(
    sampleIntent(call, { tags: { team: 'search' }, trace_id: 'abc' }),
    sampleObservation(call),
    sampleClosing(call, { status: 502 }),
  )
  const page = await open(call, '', { width, theme })
  await page.getByText('The rows contradict each other').waitFor()
  for (const summary of await page.locator('summary').all()) await summary.click()
  expect(await axeFindings(page)).toEqual([])
  const overflow = 'document.documentElement.scrollWidth - document.documentElement.clientWidth'
  expect(await page.evaluate(overflow)).toBeLessThanOrEqual(0)
})
