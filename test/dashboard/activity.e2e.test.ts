import type { Page } from 'playwright-core'
import { beforeAll, expect, test } from 'vitest'
import { PROVIDER_KEY } from '../support/provider-key.ts'
import { chatCompletion, startScriptedProvider } from '../support/scripted-provider.ts'
import { until } from '../support/until.ts'
import { useFlint, useServer } from '../support/use-flint.ts'
import { asAdmin, makeKey } from './support/as-admin.ts'
import { signIn } from './support/sign-in.ts'
import { usePages } from './support/use-pages.ts'

const provider = useServer(startScriptedProvider)
const flint = useFlint(() => ({ upstream: provider.url }))
const pages = usePages()

beforeAll(() => {
  provider.answer((_, response) => {
    response.setHeader('content-type', 'application/json').end(chatCompletion('hi'))
  })
})

async function openActivity(key: string, query = ''): Promise<Page> {
  const page = await pages.open(`${flint.baseUrl}/ui/signin`)
  await signIn(page, key)
  await page.goto(`${flint.baseUrl}/ui/activity${query}`)
  return page
}

test('who did what is found by preset and by actor, in the URL, and taken along as CSV', async () => {
  const auditor = await makeKey(flint, 'auditor', ['read', 'events'])
  const reason = '=HYPERLINK("x") <script>alert(1)</script>'
  await asAdmin(flint, 'PATCH', '/settings', { promptCapture: true, reason })
  const page = await openActivity(auditor.key)
  const change = page.getByRole('row', { name: /switched prompt capture on/ })
  expect(await change.textContent()).toContain(reason)
  expect(await change.textContent()).toMatch(/promptCapture off.*on/)
  await page.getByRole('row', { name: /auditor.*dashboard.*signed in/ }).waitFor()

  await page.getByRole('button', { name: 'Keys', exact: true }).click()
  await page.waitForURL('**/ui/activity?action=key.created&action=key.renamed*')
  await change.waitFor({ state: 'detached' })
  await page.getByRole('row', { name: /created a key.*auditor/ }).waitFor()
  await page.reload()
  const pressed = page.getByRole('button', { name: 'Keys', exact: true, pressed: true })
  await pressed.waitFor()
  await pressed.click()
  await change.getByRole('link', { name: 'bootstrap' }).click()
  await page.waitForURL('**/ui/activity?actor=key_*')
  await page.getByRole('row', { name: /signed in/ }).waitFor({ state: 'detached' })

  const download = page.waitForEvent('download')
  await page.getByRole('button', { name: 'CSV' }).click()
  const chunks: Buffer[] = []
  for await (const chunk of await (await download).createReadStream()) chunks.push(chunk)
  const lines = Buffer.concat(chunks).toString().trimEnd().split('\r\n')
  expect(lines).toHaveLength(1 + (await page.locator('tbody tr').count()))
  expect(lines.find((line) => line.includes('HYPERLINK'))).toContain(`"'=HYPERLINK(""x"")`)
})

test('reads of prompts are one row for each reader and day, which opens', async () => {
  const auditor = await makeKey(flint, 'auditor of reads', ['read', 'events'])
  const reader = await makeKey(flint, 'reader', ['read', 'prompts'])
  await asAdmin(flint, 'PATCH', '/settings', { promptCapture: true })
  const id = await capturedCall()
  for (const reason of ['ticket 17', 'ticket 17', 'audit Q2'])
    await asAdmin({ baseUrl: flint.baseUrl, key: reader.key }, 'GET', readPath(id, reason))

  const page = await openActivity(auditor.key)
  await page.getByRole('button', { name: 'Prompt reads' }).click()
  const row = page.getByRole('row', { name: /reader.*read 3 prompts.*of one call/ })
  expect(await row.textContent()).toContain('audit Q2 · ticket 17')
  await row.getByRole('button', { name: 'read 3 prompts' }).click()
  // One more read, that of the test itself, is not among them.
  const reads = page.getByRole('row', { name: /read a prompt/ }).filter({ hasNotText: 'bootstrap' })
  await expect.poll(() => reads.count()).toBe(3)
  await reads.first().getByRole('link', { name: id }).click()
  await page.waitForURL(`**/ui/audit/${id}`)
})

test('a viewer learns that there is such a page, and who may see it', async () => {
  const viewer = await makeKey(flint, 'viewer', ['read'])
  const page = await openActivity(viewer.key)
  await page.getByText('for an auditor (scopes read events) or an admin').waitFor()
})

/** Id of a call of which the prompt is stored. */
async function capturedCall(): Promise<string> {
  let id = ''
  await until('a call with its prompt', 75_000, async () => {
    const response = await fetch(`${flint.baseUrl}/v1/proxy/openai/v1/chat/completions`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${flint.key}`,
        'x-provider-key': PROVIDER_KEY,
        'content-type': 'application/json',
      },
      body: JSON.stringify({ model: 'gpt-4o', messages: [{ role: 'user', content: 'hello' }] }),
    })
    await response.text()
    const [newest] = await flint.records({ limit: '1' })
    id = newest?.requestId ?? ''
    return newest !== undefined && newest.promptS3Key !== null
  })
  await until('its prompt is stored', 15_000, async () => {
    const headers = { authorization: `Bearer ${flint.key}` }
    return (await fetch(`${flint.baseUrl}/v1${readPath(id, 'test')}`, { headers })).ok
  })
  return id
}

const readPath = (id: string, reason: string) =>
  `/audit/prompt/${id}?${new URLSearchParams({ reason })}`
