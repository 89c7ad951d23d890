import { once } from 'node:events'
import fs from 'node:fs'
import http from 'node:http'
import { setTimeout } from 'node:timers/promises'
import type { Download, Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { startFlint } from '../support/flint.ts'
import { putManyCalls } from '../support/many-calls.ts'
import { until } from '../support/until.ts'
import { useServer } from '../support/use-flint.ts'
import { callRows, eventually } from './support/audit-list.ts'
import { signIn } from './support/sign-in.ts'
import { usePages } from './support/use-pages.ts'

const COUNT = 100_000
/** Of text per record, so that the file is larger than all buffers on its way together. */
const AGENT_BYTES = 900

const flint = useServer(async () => {
  const started = await startFlint()
  await putManyCalls(started, { count: COUNT, agentBytes: AGENT_BYTES })
  return started
})
const pages = usePages()

async function openList(): Promise<Page> {
  const page = await pages.open(`${flint.baseUrl}/ui/signin`, {
    allowed: [/Failed to load resource/],
  })
  await signIn(page, flint.key)
  await page.goto(`${flint.baseUrl}/ui/audit?last=24h&cols=time,model,userAgent&live=off`)
  await callRows(page).first().waitFor()
  return page
}

const linesIn = (bytes: Buffer) => bytes.reduce((lines, byte) => lines + Number(byte === 10), 0)

/**
 * What the page's link gives to the page's session over a line that brings so many bytes a second:
 * Chromium's own downloads cannot be slowed down.
 */
async function readSlowly(page: Page, bytesPerSecond: number) {
  await page.keyboard.press('x')
  const link = page.getByRole('link', { name: 'Download CSV' })
  const url = new URL((await link.getAttribute('href')) ?? '', flint.baseUrl)
  const cookies = await page.context().cookies()
  const cookie = cookies.map(({ name, value }) => `${name}=${value}`).join('; ')
  const startedAt = performance.now()
  const [answer] = (await once(http.get(url, { headers: { cookie } }), 'response')) as [
    http.IncomingMessage,
  ]
  let bytes = 0
  let lines = 0
  for await (const part of answer) {
    bytes += part.length
    lines += linesIn(part)
    const aheadMs = (bytes / bytesPerSecond) * 1_000 - (performance.now() - startedAt)
    if (aheadMs > 0) await setTimeout(aheadMs)
  }
  return { lines, isWhole: answer.complete, tookMs: performance.now() - startedAt }
}

async function download(page: Page): Promise<Download> {
  await page.keyboard.press('x')
  const started = page.waitForEvent('download')
  await page.getByRole('link', { name: 'Download CSV' }).click()
  return await started
}

describe('a large export, by the page and through Envoy', () => {
  test('has as many records as the page counts', async () => {
    const page = await openList()
    const said = page.locator('.result-line strong')
    await eventually(() => said.textContent()).toBe(COUNT.toLocaleString('en'))
    const file = await (await download(page)).path()
    expect(linesIn(fs.readFileSync(file))).toBe(1 + COUNT)
  })

  // Every other route ends after 60 s: only a reader that takes longer shows that this one does not.
  test('is whole for a reader that takes longer than a minute', async () => {
    const { lines, isWhole, tookMs } = await readSlowly(await openList(), 1_300_000)
    expect({ lines, isWhole }).toEqual({ lines: 1 + COUNT, isWhole: true })
    expect(tookMs).toBeGreaterThan(62_000)
  })

  test('that is cut is a failed download for the reader, and no short file', async () => {
    const page = await openList()
    const cut = await download(page)
    process.kill(flint.pid('api'), 'SIGKILL')
    expect(await cut.failure()).not.toBeNull()
    await expect(cut.path()).rejects.toThrow()
    await until('the API to be back', 30_000, async () =>
      fetch(`${flint.baseUrl}/readyz`).then(
        ({ ok }) => ok,
        () => false,
      ),
    )
  })
})
