import { createHash } from 'node:crypto'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { contentKey } from '../../src/content/content-key.ts'
import { packDocument } from '../../src/content/stored-content.ts'
import { sampleCall, sampleContent, sampleRecordId } from '../../src/evidence/sample-evidence.ts'
import { useServer } from '../support/use-flint.ts'
import { axeFindings } from './support/axe-findings.ts'
import { startPageOnStore } from './support/page-on-store.ts'
import { usePages } from './support/use-pages.ts'

const flint = useServer(startPageOnStore)
const pages = usePages()

const REASON = 'ticket 17: answer in the wrong language'
/** One pixel. */
const PNG =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
const SVG = '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
const answer = (content: string) => ({
  model: 'gpt-4o',
  choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }],
})
const reported = (messages: readonly object[]) =>
  flint.report({
    provider: 'openai',
    endpoint: '/v1/chat/completions',
    messages,
    response: answer('Net-30.'),
  })
async function read(page: Page): Promise<void> {
  await page.getByLabel('Why you read it').fill(REASON)
  await page.getByRole('button', { name: 'Read', exact: true }).click()
  await page.getByText('You read this at').waitFor()
}
const readsOf = async (id: string) =>
  (await flint.ask('GET', `/v1/audit/prompt/${id}/reads`)).body.count

test('nothing is loaded before a reason of eight characters is given', async () => {
  const id = await reported([{ role: 'user', content: 'When is payment due?' }])
  const page = await flint.open(pages, `audit/${id}/prompt`)
  await page.getByText('Read by no one yet.').waitFor()
  const button = page.getByRole('button', { name: 'Read', exact: true })
  await page.getByLabel('Why you read it').fill('  short  ')
  expect(await button.isDisabled()).toBe(true)
  await page.keyboard.press('Enter')
  expect(await readsOf(id)).toBe(0)
  await read(page)
  expect(await page.getByText('When is payment due?').count()).toBe(1)
  expect(await readsOf(id)).toBe(1)
})

test('a reason of this session is offered again, and who read is there for the next one', async () => {
  const first = await reported([{ role: 'user', content: 'one' }])
  const second = await reported([{ role: 'user', content: 'two' }])
  const page = await flint.open(pages, `audit/${first}/prompt`)
  await read(page)
  await page.keyboard.press('Escape')
  await page.getByText(`“${REASON}”`).waitFor()
  await page.getByLabel('Find any id').fill(second)
  await page.keyboard.press('Enter')
  await page.waitForURL(`**/audit/${second}`)
  await page.getByRole('link', { name: 'Read prompt…' }).click()
  await page.getByRole('button', { name: REASON }).click()
  expect(await page.getByLabel('Why you read it').inputValue()).toBe(REASON)
  await page.reload()
  await page.getByLabel('Why you read it').waitFor()
  expect(await page.getByRole('button', { name: REASON }).count()).toBe(0)
})

test('text that was read is gone after 15 minutes without input', async () => {
  const id = await reported([{ role: 'user', content: 'When is payment due?' }])
  const page = await flint.open(pages, `audit/${id}/prompt`)
  await page.getByLabel('Why you read it').waitFor()
  await page.clock.install()
  await read(page)
  await page.clock.runFor(1_000)
  const text = page.getByText('When is payment due?')
  await text.waitFor()
  await page.clock.fastForward('14:00')
  await page.keyboard.press('Shift')
  await page.clock.fastForward('14:00')
  expect(await text.count()).toBe(1)
  await page.clock.fastForward('02:00')
  await page.getByText('the text is gone from this page').waitFor()
  expect(await page.content()).not.toContain('When is payment due?')
})

test('a picture is shown when asked for, anything that could run is a download', async () => {
  const id = await reported([
    {
      role: 'user',
      content: [
        { type: 'text', text: 'Look.' },
        { type: 'image_url', image_url: { url: `data:image/png;base64,${PNG}` } },
        { type: 'image_url', image_url: { url: `data:image/svg+xml;base64,${btoa(SVG)}` } },
        { type: 'image_url', image_url: { url: 'https://example.com/cat.png' } },
      ],
    },
  ])
  const page = await flint.open(pages, `audit/${id}/prompt`)
  await read(page)
  const [png, svg, linked] = ['image/png', 'image/svg+xml', 'example.com'].map((type) =>
    page.locator('.attachment', { hasText: type }),
  )
  expect(await readsOf(id)).toBe(1)
  await png?.getByRole('button', { name: 'Show picture' }).click()
  const width = () => png?.locator('img').evaluate((image) => Reflect.get(image, 'naturalWidth'))
  await expect.poll(width, { timeout: 30_000 }).toBe(1)
  expect(await readsOf(id)).toBe(2)
  expect(await svg?.getByRole('button', { name: 'Show picture' }).count()).toBe(0)
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    svg?.getByRole('button', { name: 'Download' }).click(),
  ])
  expect(download.suggestedFilename()).not.toMatch(/\.(svg|html?)$/)
  expect(await linked?.textContent()).toContain('Flint does not fetch it')
  expect(await linked?.getByRole('button').count()).toBe(0)
})

test('a prompt of an earlier build is one text, and says so', async () => {
  const call = { org: flint.ours.org, createdAtMs: Date.now() - 60_000, id: 61 }
  const id = sampleRecordId(call.createdAtMs, call.id)
  const document = JSON.stringify({
    format: 'flint-content/1',
    ...{ requestId: id, prompt: 'Be brief.\n\nHi', completion: 'Hello', provider: 'openai' },
    ...{ promptTruncated: true, completionTruncated: false, toolCalls: [], attachments: [] },
  })
  const key = contentKey(call.org, id)
  const content = { content_key: key, content_sha256: sha256(document) }
  await flint.put(
    ...sampleCall(call).map((row) =>
      row.kind === 'observation' || row.kind === 'intent'
        ? { ...row, ...(row.kind === 'observation' ? content : {}), capture: true }
        : row,
    ),
    sampleContent(call, content),
  )
  await flint.objects.put(key, await packDocument(document))
  const page = await flint.open(pages, `audit/${id}/prompt`)
  await read(page)
  await page.getByText('Stored by an earlier build').waitFor()
  await page.getByText('Cut: the text goes on').waitFor()
  expect(await page.locator('.text').allTextContents()).toEqual(['Be brief.\n\nHi', 'Hello'])
})

test('who may not read is shown by whom it can be read', async () => {
  const id = await reported([{ role: 'user', content: 'secret' }])
  const viewer = { name: 'viewer', scopes: ['read'] }
  const { key } = (await flint.ask('POST', '/v1/keys', { body: viewer })).body
  const page = await flint.open(pages, `audit/${id}/prompt`, { key: String(key) })
  await page.getByText('Only a prompt reader').waitFor()
  expect(await page.getByLabel('Why you read it').isDisabled()).toBe(true)
})

test('a viewer sees how often a prompt was read and who may see by whom, an auditor sees by whom', async () => {
  const id = await reported([{ role: 'user', content: 'secret' }])
  await flint.ask('GET', `/v1/audit/prompt/${id}?reason=ticket%2017`)
  const openAs = async (name: string, scopes: readonly string[]) => {
    const { key } = (await flint.ask('POST', '/v1/keys', { body: { name, scopes } })).body
    return await flint.open(pages, `audit/${id}/prompt`, { key: String(key) })
  }
  const ofViewer = await openAs('looking on', ['read'])
  await ofViewer
    .getByText('1 read. A prompt reader, an auditor or an admin sees by whom.')
    .waitFor()
  expect(await ofViewer.getByText('ticket 17').count()).toBe(0)
  const ofAuditor = await openAs('auditing', ['read', 'events'])
  await ofAuditor.getByRole('listitem').filter({ hasText: '“ticket 17”' }).waitFor()
})

test.each([
  [360, 'light'],
  [360, 'dark'],
  [1440, 'light'],
  [1440, 'dark'],
] as const)('has nothing for axe to find at %i px, %s', async (width, theme) => {
  const id = await reported([
    { role: 'system', content: 'Be terse.' },
    { role: 'user', content: 'hidden\u202E text and [redacted:openai_key]' },
  ])
  const page = await flint.open(pages, `audit/${id}/prompt`, { width, theme })
  await page.getByText('Read by no one yet.').waitFor()
  expect(await axeFindings(page)).toEqual([])
  await read(page)
  expect(await axeFindings(page)).toEqual([])
})
