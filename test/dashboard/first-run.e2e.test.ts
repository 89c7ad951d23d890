import OpenAI from 'openai'
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

test('from a new key over a refused attempt to the first recorded call', async () => {
  provider.answer((_, response) => {
    response.setHeader('content-type', 'application/json').end(chatCompletion('hi'))
  })
  const page = await pages.open(`${flint.baseUrl}/ui/signin`)
  await signIn(page, flint.key)
  await page.goto(`${flint.baseUrl}/ui/start`)
  await page.getByText('Waiting for the first call…').waitFor()

  const code = page.getByRole('tabpanel')
  const baseURL = `${flint.baseUrl}/v1/proxy/openai`
  expect(await code.textContent()).toContain(`baseURL: '${baseURL}'`)
  await page.getByRole('tab', { name: 'JavaScript' }).focus()
  await page.keyboard.press('ArrowRight')
  await expect.poll(() => code.textContent()).toContain(`base_url="${baseURL}"`)
  await page.getByRole('tab', { name: 'Gemini' }).click()
  await expect.poll(() => code.textContent()).toContain(`${flint.baseUrl}/v1/proxy/gemini`)

  await page.getByRole('button', { name: 'Make a key' }).click()
  const shown = page.getByText(/^flnt_live_\w+$/)
  const key = (await shown.textContent()) ?? ''
  await page.getByRole('button', { name: 'I have stored it' }).click()
  await shown.waitFor({ state: 'detached' })
  expect(await page.content()).not.toContain(key)

  const refused = () =>
    fetch(`${baseURL}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: '{}',
    })
  await until('the key is known', 15_000, async () => (await refused()).status === 400)
  await page.getByText('The provider’s key was missing').waitFor()

  // As the snippet for OpenAI has it.
  const openai = new OpenAI({
    apiKey: PROVIDER_KEY,
    baseURL,
    defaultHeaders: { 'x-flint-key': key },
  })
  await openai.chat.completions.create({
    model: 'gpt-4o-mini',
    messages: [{ role: 'user', content: 'Say hello.' }],
  })
  await page.getByText('It is here.').waitFor()
  await page.getByText('openai · gpt-4o-2024-08-06 · /v1/chat/completions').waitFor()
  await page.getByText('10 / 5').waitFor()
  await page.getByRole('link', { name: 'Open this call' }).click()
  await page.waitForURL('**/ui/audit/*')
})
