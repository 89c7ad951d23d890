import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import {
  sampleClosing,
  sampleIntent,
  sampleObservation,
  sampleRecordId,
} from '../../src/evidence/sample-evidence.ts'
import { useServer } from '../support/use-flint.ts'
import { startPageOnStore } from './support/page-on-store.ts'
import { usePages } from './support/use-pages.ts'

/*
 * What callers and providers send is drawn as text. `usePages` fails a test on any violation of the
 * content security policy, any request elsewhere, and any error.
 */

const flint = useServer(startPageOnStore)
const pages = usePages()

const MARKUP = [
  '<script>document.title = "ran"</script>',
  '<img src=x onerror="document.title = \'ran\'">',
  '"><svg onload="document.title = \'ran\'"><a href="javascript:document.title=\'ran\'">x</a>',
  '<iframe src="https://example.com/"></iframe><style>* { display: none }</style>',
  '&lt;script&gt; {{7*7}} ${7*7} [x](javascript:alert(1)) ![x](https://example.com/x.png)',
].join('\n')
const HIDDEN = 'user\u202Egnp.exe \u2066\u200B\u{E0068}\u{E0069}\0\u0085 end'
/**
 * A megabyte of Arabic in one node froze Chromium for 80 s. This machine may run the whole suite
 * beside the test: what a task takes when it does not is measured by the bench.
 */
const LONGEST_TASK_MS = 8_000

/** Drawn by the page, and not by what it shows. */
const FOREIGN = 'script, img, iframe, style, object, embed, form, a[href^="javascript:"], [onerror]'

async function readPrompt(id: string): Promise<Page> {
  const page = await flint.open(pages, `audit/${id}/prompt`)
  await page.evaluate(`
    longest = 0
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) longest = Math.max(longest, duration)
    }).observe({ type: 'longtask' })
  `)
  await page.getByLabel('Why you read it').fill('test of hostile text')
  await page.getByRole('button', { name: 'Read', exact: true }).click()
  await page.locator('.conversation[aria-busy="false"]').waitFor({ timeout: 120_000 })
  return page
}

const longestTask = (page: Page) => page.evaluate<number>('longest')

async function expectNothingRan(page: Page): Promise<void> {
  expect(await page.title()).not.toContain('ran')
  expect(await page.locator('main').locator(FOREIGN).count()).toBe(0)
}

describe('the page of a prompt', () => {
  test('shows markup of any kind as the text that it is, and characters that hide as signs', async () => {
    const id = await flint.report({
      provider: 'openai',
      endpoint: '/v1/chat/completions',
      messages: [
        { role: 'system', content: MARKUP },
        { role: 'user', content: HIDDEN },
      ],
      response: {
        model: MARKUP.slice(0, 60),
        choices: [
          {
            index: 0,
            message: {
              role: 'assistant',
              content: MARKUP,
              tool_calls: [
                {
                  ...{ id: '<b>id</b>', type: 'function' },
                  function: {
                    name: '<i>tool</i>',
                    arguments: `${'{"a":'.repeat(100)}"<script>"${'}'.repeat(100)}`,
                  },
                },
              ],
            },
            finish_reason: 'tool_calls',
          },
        ],
      },
    })
    const page = await readPrompt(id)
    const texts = await page.locator('.conversation .text').allTextContents()
    expect(texts.filter((text) => text === MARKUP)).toHaveLength(2)
    const hidden = page.locator('.part', { hasText: 'gnp.exe' })
    expect(await hidden.locator('.unseen').allTextContents()).toEqual([
      '⟨U+202E⟩',
      '⟨U+2066⟩',
      '⟨U+200B⟩',
      '⟨U+E0068⟩',
      '⟨U+E0069⟩',
      '⟨U+0000⟩',
      '⟨U+0085⟩',
    ])
    await page.getByLabel('As sent').check()
    await expect.poll(() => hidden.locator('.unseen').count()).toBe(0)
    expect(await hidden.locator('.text').textContent()).toContain('user\u202Egnp.exe')
    await expectNothingRan(page)
  })

  test('stays quick with a line of a megabyte, ten megabytes of text and 10,000 messages', async () => {
    const line = 'مرحبا👩‍👩‍👧‍👦'.repeat(70_000)
    const unseen = 'a\u202E'.repeat(50_000)
    const id = await flint.report({
      provider: 'openai',
      endpoint: '/v1/chat/completions',
      messages: [
        { role: 'user', content: line },
        { role: 'user', content: unseen },
        { role: 'user', content: 'one more line of it\n'.repeat(400_000) },
        ...Array.from({ length: 10_000 }, (_, at) => ({ role: 'user', content: `message ${at}` })),
      ],
      response: {
        model: 'gpt-4o',
        choices: [
          { index: 0, message: { role: 'assistant', content: 'the end' }, finish_reason: 'stop' },
        ],
      },
    })
    const page = await readPrompt(id)
    const parts = page.locator('.part')
    expect(await parts.last().textContent()).toContain('the end')
    expect(await parts.count()).toBeLessThan(100)
    await parts.first().getByRole('button', { name: 'Show 262.1 KB more' }).click()
    const drawn = async () => (await parts.first().locator('.text').textContent())?.length ?? 0
    await expect.poll(drawn, { timeout: 90_000 }).toBeGreaterThan(300_000)
    expect(line.startsWith((await parts.first().locator('.text').textContent()) ?? '-')).toBe(true)
    await page.getByRole('button', { name: 'Show 100 more' }).click()
    await expect.poll(() => parts.count(), { timeout: 90_000 }).toBeGreaterThan(100)
    expect(await longestTask(page), 'longest task, ms').toBeLessThan(LONGEST_TASK_MS)
  })
})

describe('the page of a call', () => {
  test('shows what caller and provider named as text', async () => {
    const call = { org: flint.ours.org, createdAtMs: Date.now(), id: 18 }
    const claimed = `<img src=x onerror=alert(1)>\u202E`
    await flint.put(
      sampleIntent(call, { user_agent: claimed, trace_id: claimed, tags: { '<b>': claimed } }),
      sampleObservation(call, {
        ...{ model: claimed, request_model: claimed, provider_request_id: claimed },
        ...{
          finish_reason: claimed,
          stream_error: claimed,
          usage_raw: JSON.stringify({ claimed }),
        },
      }),
      sampleClosing(call),
    )
    const page = await flint.open(pages, `audit/${sampleRecordId(call.createdAtMs, call.id)}`)
    const heading = page.getByRole('heading', { level: 1 })
    expect(await heading.textContent()).toContain('<img src=x onerror=alert(1)>⟨U+202E⟩')
    for (const summary of await page.locator('summary').all()) await summary.click()
    expect(await page.locator('main bdi').first().textContent()).toContain('onerror')
    const agent = page.locator('dd', { hasText: 'onerror' }).first()
    expect(await agent.locator('.unseen').textContent()).toBe('⟨U+202E⟩')
    await expectNothingRan(page)
  })
})
