import { expect, test } from 'vitest'
import { PROVIDER_KEY } from '../support/provider-key.ts'
import { chatCompletion, startScriptedProvider } from '../support/scripted-provider.ts'
import { until } from '../support/until.ts'
import { useFlint, useServer } from '../support/use-flint.ts'
import { signIn } from './support/sign-in.ts'
import { usePages } from './support/use-pages.ts'

const provider = useServer(startScriptedProvider)
const flint = useFlint(() => ({ upstream: provider.url }))
const pages = usePages()

const REASON = 'ticket 17: answer in the wrong language'

async function api<Answer>(method: string, path: string, body?: object): Promise<Answer> {
  const response = await fetch(`${flint.baseUrl}/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${flint.key}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  expect(response.status, path).toBeLessThan(300)
  return JSON.parse(await response.text())
}

/** A call through Envoy; resolves to its record. */
async function call(claimedRequestId: string) {
  provider.answer((_, response) => {
    response.setHeader('content-type', 'application/json').end(chatCompletion('Net-30.'))
  })
  const answer = await fetch(`${flint.baseUrl}/v1/proxy/openai/v1/chat/completions`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${flint.key}`,
      'content-type': 'application/json',
      'x-provider-key': PROVIDER_KEY,
      'x-flint-request-id': claimedRequestId,
      'x-flint-tag-team': 'search',
    },
    body: JSON.stringify({
      model: 'gpt-4o',
      messages: [
        { role: 'system', content: 'Be terse.' },
        { role: 'user', content: 'When is payment due?' },
      ],
    }),
  })
  await answer.arrayBuffer()
  const [record] = await flint.settled(1, { claimedRequestId })
  if (record === undefined) throw new Error('unreachable')
  return record
}

async function signedIn(path: string, key = flint.key) {
  const page = await pages.open(`${flint.baseUrl}/ui/signin`)
  await signIn(page, key)
  await page.goto(`${flint.baseUrl}/ui/${path}`)
  return page
}

test('a call is looked into, its prompt is read with a reason, and others see who did', async () => {
  await api('PATCH', '/settings', { promptCapture: true, reason: 'for this test' })
  let record = await call('first')
  await until('capture to be in force', 90_000, async () => {
    record = await call(crypto.randomUUID())
    return record.promptCapture === true
  })
  const { requestId } = record
  const reads = () => api<{ count: number }>('GET', `/audit/prompt/${requestId}/reads`)

  const page = await signedIn(`audit/${requestId}`)
  const heading = page.getByRole('heading', { level: 1 })
  expect(await heading.textContent()).toMatch(/gpt-4o.*\/v1\/chat\/completions.*complete 200/)
  const total = page.getByRole('row', { name: /^Total/ })
  expect(await total.textContent()).toContain(String(record.totalTokens))
  for (const kind of ['intent', 'observation', 'closing', 'content'])
    await page.locator('.evidence').getByText(kind, { exact: true }).waitFor()
  await page.getByText('Differences between the rows: none.').waitFor()
  await page.getByText('Read by no one yet.').waitFor()

  await page.keyboard.press('p')
  const read = page.getByRole('button', { name: 'Read', exact: true })
  await page.getByLabel('Why you read it').fill('hm')
  expect(await read.isDisabled()).toBe(true)
  expect((await reads()).count).toBe(0)
  await page.getByLabel('Why you read it').fill(REASON)
  await read.click()
  await page.getByText(`: ${REASON}`).waitFor()
  const said = await page
    .locator('.part')
    .evaluateAll((parts) =>
      parts.map((part) => [
        part.querySelector('h2')?.textContent,
        part.querySelector('.text')?.textContent,
      ]),
    )
  expect(said).toEqual([
    ['System', 'Be terse.'],
    ['User', 'When is payment due?'],
    ['Assistant', 'Net-30.'],
  ])
  const { events } = await api<{ events: readonly { reason: string }[] }>(
    'GET',
    `/audit/events?action=prompt.read&subject=${requestId}`,
  )
  expect(events.map(({ reason }) => reason)).toEqual([REASON])

  await page.keyboard.press('Escape')
  await page.getByText(`“${REASON}”`).waitFor()
  await page.keyboard.press('p')
  expect(await page.getByText('Net-30.').count()).toBe(0)
  await page.getByRole('button', { name: REASON }).click()
  expect(await page.getByLabel('Why you read it').inputValue()).toBe(REASON)
  expect((await reads()).count).toBe(1)

  const second = { name: 'second reader', scopes: ['read', 'prompts'] }
  const { key } = await api<{ key: string }>('POST', '/keys', second)
  const other = await signedIn(`audit/${requestId}/prompt`, key)
  await other.getByText(`“${REASON}”`).waitFor()
})
