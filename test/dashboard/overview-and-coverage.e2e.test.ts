import { expect, test } from 'vitest'
import { useServer } from '../support/use-flint.ts'
import { startSeededPage } from './support/seeded-page.ts'
import { usePages } from './support/use-pages.ts'

const flint = useServer(() => startSeededPage({ days: 4, count: 1_500 }))
const pages = usePages()

test('a number of the overview leads to as many calls, and Back to the overview', async () => {
  const page = await flint.open(pages, 'overview?last=7d')
  const calls = page.getByRole('region', { name: 'Calls', exact: true })
  const number = calls.locator('a[href^="/ui/audit?"]').first()
  await number.waitFor()
  const said = (await number.textContent())?.trim()
  expect(said).toMatch(/^[\d,]+$/)
  await number.click()
  await page.waitForURL('**/ui/audit?*')
  await page.getByText(`${said} calls`, { exact: true }).waitFor()
  await page.goBack()
  await number.waitFor()
})

test('the coverage page says first what was seen, and leads from an hour and a reason to its calls', async () => {
  const page = await flint.open(pages, 'coverage?last=7d')
  await page.getByText(/^Of [\d,]+ calls let through in the last 7 days, /).waitFor()
  const cell = page.locator('.heat-cell a').first()
  const said = await cell.textContent()
  await cell.click()
  await page.waitForURL('**reason=**')
  const lost = page.getByRole('region', { name: 'Lost calls' })
  await expect.poll(() => lost.locator('tbody tr').count()).toBe(Number(said))
  const id = await lost.locator('tbody a').first().textContent()
  await lost.locator('tbody a').first().click()
  await page.waitForURL(`**/ui/audit/${id}`)
})
