import type { Page } from 'playwright-core'
import { beforeAll, describe, expect, test } from 'vitest'
import { PROVIDER_KEY } from '../support/provider-key.ts'
import { type S3Server, startS3Server } from '../support/s3-server.ts'
import { chatCompletion, startScriptedProvider } from '../support/scripted-provider.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'
import { until } from '../support/until.ts'
import { useFlint, useServer } from '../support/use-flint.ts'
import { asAdmin } from './support/as-admin.ts'
import { signIn } from './support/sign-in.ts'
import { usePages } from './support/use-pages.ts'

const PATIENCE_MS = 60_000
/** The page asks what is away at least every half minute, */
const LOOK_EVERY_MS = 30_000
/** and is given so long to get its answer before time is moved on again. */
const ANSWER_MS = 6_000

const s3 = useServer(async () => {
  const directory = temporaryDirectory()
  let server: S3Server = await startS3Server({ directory })
  const { endpoint, bucket, region, accessKeyId, secretAccessKey } = server
  return {
    ...{ endpoint, bucket, region, accessKeyId, secretAccessKey },
    stop: () => server.stop(),
    async startAgain() {
      server = await startS3Server({ directory, port: Number(new URL(endpoint).port) })
    },
  }
})
const provider = useServer(startScriptedProvider)
const flint = useFlint(() => ({
  upstream: provider.url,
  env: {
    FLINT_S3_BUCKET: s3.bucket,
    FLINT_S3_ENDPOINT: s3.endpoint,
    FLINT_S3_REGION: s3.region,
    FLINT_S3_ACCESS_KEY_ID: s3.accessKeyId,
    FLINT_S3_SECRET_ACCESS_KEY: s3.secretAccessKey,
  },
}))
const pages = usePages()

async function call(): Promise<number> {
  const answer = await fetch(`${flint.baseUrl}/v1/proxy/openai/v1/chat/completions`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${flint.key}`,
      'content-type': 'application/json',
      'x-provider-key': PROVIDER_KEY,
    },
    body: JSON.stringify({ model: 'gpt-4o', messages: [{ role: 'user', content: 'hi' }] }),
  })
  await answer.arrayBuffer()
  return answer.status
}

beforeAll(async () => {
  provider.answer((_, response) => {
    response.setHeader('content-type', 'application/json').end(chatCompletion('hi'))
  })
  expect(await call()).toBe(200)
  await flint.settled(1)
})

/** Overview with numbers, and a clock that the test moves on. */
async function openOverview(): Promise<Page> {
  const page = await pages.open(`${flint.baseUrl}/ui/signin`, {
    allowed: [/50[234]/, /401/, /ERR_INTERNET_DISCONNECTED/, /ERR_/],
  })
  await signIn(page, flint.key)
  await page.clock.install()
  await page.goto(`${flint.baseUrl}/ui/overview?last=1h`)
  await page.getByRole('table', { name: /cost and calls of the range/ }).waitFor()
  return page
}

/** Lets time pass on the page until the text is there, or is not. */
async function passUntil(page: Page, text: RegExp | string, isThere: boolean): Promise<void> {
  const found = page.getByText(text).first()
  let movedAtMs = Number.NEGATIVE_INFINITY
  await until(`${isThere ? '' : 'no '}"${text}"`, PATIENCE_MS, async () => {
    if ((await found.count()) > 0 === isThere) return true
    if (performance.now() - movedAtMs < ANSWER_MS) return false
    await page.clock.fastForward(LOOK_EVERY_MS)
    movedAtMs = performance.now()
    return false
  })
}

function pause(pid: number): Disposable {
  process.kill(pid, 'SIGSTOP')
  return {
    [Symbol.dispose]() {
      process.kill(pid, 'SIGCONT')
    },
  }
}

describe('a page that is open', () => {
  test('says since when the store is away, keeps what it shows with its time, and goes on by itself', async () => {
    const page = await openOverview()
    const said =
      /^ ?The store does not answer since \d\d:\d\d:\d\d\. Calls go on and wait on disk\.$/
    {
      using _ = pause(flint.pid('clickhouse'))
      await passUntil(page, said, true)
      expect(await call()).toBe(200)
      await passUntil(page, /^As of \d\d:\d\d:\d\d UTC$/, true)
      await page.locator('.stale').getByText('100 %').first().waitFor()
      // Signing in is an event that cannot be written now: the session that is there goes on.
      await page.getByRole('link', { name: 'Settings' }).click()
      await page.waitForURL('**/ui/settings/**')
      await page.goBack()
    }
    await passUntil(page, said, false)
    await passUntil(page, /^As of/, false)
  })

  test('says that Flint is away, or the way to it, and goes on by itself', async () => {
    const page = await openOverview()
    const said = /Flint does not answer since \d\d:\d\d:\d\d\. What is shown stays/
    {
      // Else it starts the API again at once.
      using _ = pause(flint.process.pid ?? 0)
      process.kill(flint.pid('api'), 'SIGKILL')
      await passUntil(page, said, true)
      expect(await page.getByRole('region', { name: 'Cost' }).textContent()).toContain('$')
    }
    await passUntil(page, said, false)

    await page.context().setOffline(true)
    await passUntil(page, said, true)
    await page.context().setOffline(false)
    await passUntil(page, said, false)
  })

  test('says which other part is down, and what that means', async () => {
    const page = await openOverview()
    {
      using _ = pause(flint.pid('gate'))
      await passUntil(page, /Gate is down\. Calls are refused/, true)
    }
    await passUntil(page, /Gate is down/, false)

    await s3.stop()
    await asAdmin(flint, 'PATCH', '/settings', { promptCapture: true })
    await until('a prompt that waits', PATIENCE_MS, async () => {
      expect(await call()).toBe(200)
      return (await flint.metrics()).get('flint_content_waiting') === 1
    })
    await passUntil(page, /Content store is down\. Prompts wait on disk/, true)
    await s3.startAgain()
    await passUntil(page, /Content store is down/, false)
  })
})
