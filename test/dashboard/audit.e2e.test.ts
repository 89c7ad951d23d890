import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { useServer } from '../support/use-flint.ts'
import { callRows, drawnIds, eventually, listedIds } from './support/audit-list.ts'
import { axeFindings } from './support/axe-findings.ts'
import { makeCall } from './support/make-call.ts'
import { startSeededFlint } from './support/seeded-flint.ts'
import { signIn } from './support/sign-in.ts'
import { usePages } from './support/use-pages.ts'

const flint = useServer(() => startSeededFlint({ days: 4, count: 1_500 }))
const pages = usePages()

type Options = Parameters<typeof pages.open>[1]

async function openAudit(query: string, options?: Options): Promise<Page> {
  const page = await pages.open(`${flint.baseUrl}/ui/signin`, options)
  await signIn(page, flint.key)
  await page.goto(`${flint.baseUrl}/ui/audit${query}`)
  await rows(page).first().waitFor()
  return page
}

const rows = callRows
const idsOf = drawnIds
const listed = (query: string) => listedIds(flint, query)
const chips = (page: Page) => page.getByRole('list', { name: 'Filters' }).getByRole('listitem')
const box = (page: Page) => page.getByRole('combobox', { name: 'Filter' })

describe('filters', () => {
  test('are the same in the box, the URL, the chips and the list, after Back and a reload too', async () => {
    const page = await openAudit('?last=7d')
    await box(page).fill('provider:openai -outcome:complete')
    await box(page).press('Enter')
    await page.waitForURL('**/ui/audit?last=7d&provider=openai&outcome=!complete')
    await expect
      .poll(() => chips(page).allTextContents())
      .toEqual([...['provideropenai', 'outcome is notcomplete']])
    const ids = await listed('provider=openai&outcome=!complete')
    await eventually(() => idsOf(page)).toEqual(ids.slice(0, await rows(page).count()))
    const said = page.locator('.result-line strong')
    await eventually(() => said.textContent()).toBe(String(ids.length))

    await page.reload()
    await eventually(() => said.textContent()).toBe(String(ids.length))
    expect(await box(page).inputValue()).toBe('provider:openai -outcome:complete')
    await page.goBack()
    await eventually(() => box(page).inputValue()).toBe('')
    await eventually(() => chips(page).count()).toBe(0)
  })

  test('that are not understood are shown as such, and free text is not searched', async () => {
    const page = await openAudit('?last=7d&modle=gpt-4o')
    await eventually(() => chips(page).allTextContents()).toEqual(['modlegpt-4ois no filter'])
    await box(page).fill('modle:gpt-4o refund')
    await box(page).press('Enter')
    await expect
      .poll(() => chips(page).last().textContent())
      .toContain('prompts are not searchable')
  })

  test('are completed: names, then values with their counts', async () => {
    const page = await openAudit('?last=7d')
    await page.keyboard.press('/')
    await page.keyboard.type('prov')
    await page.getByRole('option', { name: /^provider:/ }).waitFor()
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    expect(await box(page).inputValue()).toBe('provider:')
    await page.getByRole('option', { name: /^anthropic ?[\d,]+$/ }).click()
    await box(page).press('Enter')
    await page.waitForURL('**/ui/audit?last=7d&provider=anthropic')
  })

  test('by facet: a click is only, with Shift not', async () => {
    const page = await openAudit('?last=7d')
    const value = page.getByLabel('Facets').getByRole('button', { name: /^gemini ?[\d,]+$/ })
    await value.click()
    await page.waitForURL('**/ui/audit?last=7d&provider=gemini')
    await value.click({ modifiers: ['Shift'] })
    await page.waitForURL('**/ui/audit?last=7d&provider=!gemini')
  })

  test('that meet no call say which one to remove', async () => {
    const page = await openAudit('?last=7d')
    await box(page).fill('provider:openai model:claude*')
    await box(page).press('Enter')
    const without = page.getByRole('listitem').filter({ hasText: 'Without provider:openai' })
    await eventually(() => without.textContent()).toMatch(/[1-9]\d* do/)
    await without.getByRole('button', { name: 'remove' }).click()
    await page.waitForURL('**/ui/audit?last=7d&model=claude*')
    await rows(page).first().waitFor()
  })
})

test('any id in the box leads to its call', async () => {
  const page = await openAudit('?last=7d')
  await box(page).fill(flint.conversation)
  await box(page).press('Enter')
  await page.waitForURL(`**/ui/audit/${flint.conversation}`)
})

test('the whole list is walked by scrolling, with at most 80 rows in the document, and Back finds the place', async () => {
  const page = await openAudit('?last=7d&live=off')
  const ids = await listed('')
  const seen = new Set<string | null>()
  await expect
    .poll(
      async () => {
        for (const id of await idsOf(page)) seen.add(id)
        expect(await page.locator('.calls tbody tr').count()).toBeLessThanOrEqual(80)
        await page.locator('.calls-scroller').evaluate((list) => list.scrollBy(0, 600))
        return seen.size
      },
      { timeout: 120_000, interval: 20 },
    )
    .toBe(ids.length)

  await page.locator('.calls-scroller').evaluate((list) => list.scrollBy(0, -9_000))
  const place = () => page.locator('.calls-scroller').evaluate((list) => list.scrollTop)
  await eventually(place).toBeGreaterThan(1_000)
  const before = await place()
  await rows(page).nth(30).focus()
  await page.keyboard.press('o')
  await page.waitForURL('**/ui/audit/0*')
  await page.goBack()
  await rows(page).first().waitFor()
  await eventually(place).toBe(before)
})

test('new calls enter at the top by themselves, and move nothing that is looked at', async () => {
  const page = await openAudit('?last=1h')
  await page.getByRole('button', { name: 'live', exact: true }).waitFor()
  const count = await rows(page).count()
  await makeCall(flint)
  await eventually(() => rows(page).count()).toBe(count + 1)

  await rows(page).first().focus()
  const [first] = await idsOf(page)
  const where = await rows(page).first().boundingBox()
  await makeCall(flint)
  const pill = page.getByRole('button', { name: '1 new' })
  await pill.waitFor()
  expect((await idsOf(page))[0]).toBe(first)
  expect(await rows(page).first().boundingBox()).toEqual(where)
  await pill.click()
  await eventually(() => rows(page).count()).toBe(count + 2)
  expect((await idsOf(page))[1]).toBe(first)
})

test('is worked by keys: down, beside the list, on, closed, selected, compared', async () => {
  const page = await openAudit('?last=7d&live=off')
  const [first, second] = await idsOf(page)
  await page.keyboard.press('j')
  await page.keyboard.press('Enter')
  await page.waitForURL(`**/ui/audit?last=7d&live=off&call=${first}`)
  await page.getByRole('complementary', { name: 'Call' }).getByText(String(first)).first().waitFor()
  await page.keyboard.press('j')
  await page.waitForURL(`**/ui/audit?last=7d&live=off&call=${second}`)
  await page.keyboard.press('Escape')
  await page.waitForURL('**/ui/audit?last=7d&live=off')
  await page.keyboard.press('s')
  await page.keyboard.press('k')
  await page.keyboard.press('s')
  await page.getByRole('button', { name: 'Compare' }).click()
  const dialog = page.getByRole('dialog', { name: 'Two calls side by side' })
  await expect
    .poll(() => dialog.getByRole('row', { name: /^requestId/ }).textContent())
    .toContain(first)
})

test('an export has the columns that are shown, of every call of the filter, in the zone of the page', async () => {
  const page = await openAudit(
    '?last=7d&provider=gemini&cols=time,model,tag:team&live=off&tz=Asia/Kathmandu',
  )
  await page.keyboard.press('x')
  const download = page.waitForEvent('download')
  await page.getByRole('link', { name: 'Download CSV' }).click()
  const chunks: Buffer[] = []
  for await (const chunk of await (await download).createReadStream()) chunks.push(chunk)
  const lines = Buffer.concat(chunks).toString().trimEnd().split('\n')
  expect(lines[0]).toBe('"requestId","createdAt (Asia/Kathmandu)","model","requestModel","tags"')
  expect(lines[1]).toMatch(/^"[-\da-f]{36}","\d{4}-\d\d-\d\dT[\d:.]{12}\+05:45",/)
  expect(lines).toHaveLength(1 + (await listed('provider=gemini')).length)
})

test('a view is saved, found again by another reader, and says when it is edited', async () => {
  const page = await openAudit('?last=7d&provider=anthropic')
  await page.keyboard.press('v')
  await page.getByLabel('Save what is shown as').fill('Claude')
  await page.getByLabel('Share with the organisation').check()
  await page.getByRole('button', { name: 'Save view' }).click()
  const views = page.locator('[data-menu="views"] > button')
  await eventually(() => views.textContent()).toBe('Views: Claude')
  await page.getByRole('button', { name: /^Remove provider/ }).click()
  await eventually(() => views.textContent()).toBe('Views: Claudeedited')

  const other = await openAudit('')
  await other.keyboard.press('v')
  await other.getByRole('button', { name: /^Claude/ }).click()
  await other.waitForURL('**/ui/audit?last=7d&provider=anthropic')
})

describe('the page has nothing for axe to mend', () => {
  const sizes = [360, 768, 1440].flatMap((width) =>
    (['light', 'dark'] as const).map((theme) => ({ width, theme })),
  )
  test.each(sizes)('$theme at $width px', async ({ width, theme }) => {
    const page = await openAudit('?last=7d&provider=openai&modle=x', { width, theme })
    await page.locator('.result-line strong', { hasText: /\d/ }).waitFor()
    expect(await axeFindings(page)).toEqual([])
  })

  test('beside an open call', async () => {
    const page = await openAudit('?last=7d')
    await rows(page).first().click()
    await page.getByRole('heading', { name: 'Timeline' }).waitFor()
    expect(await axeFindings(page)).toEqual([])
  })
})
