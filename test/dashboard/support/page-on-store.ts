import fs from 'node:fs'
import path from 'node:path'
import type { Page } from 'playwright-core'
import { packageRoot } from '../../../src/config/package-root.ts'
import { type ApiOnStore, startApiOnStore } from '../../support/api-on-store.ts'
import type { OpenPage, Pages } from './pages.ts'
import { signIn } from './sign-in.ts'

export interface PageOnStore extends ApiOnStore {
  readonly baseUrl: string
  /** Opens a path below /ui/ and signs in there, with a key of all scopes unless one is given. */
  open(pages: Pick<Pages, 'open'>, path: string, options?: OpenOptions): Promise<Page>
  /** A call that its client reports, with capture on, delivered: its `requestId`. */
  report(body: object): Promise<string>
}

interface OpenOptions extends OpenPage {
  readonly key?: string
}

/** The built page over the API on a real store: what calls hold is the test's choice. */
export async function startPageOnStore(
  overrides: Parameters<typeof startApiOnStore>[0] = {},
): Promise<PageOnStore> {
  const flint = await startApiOnStore(overrides)
  const built = path.join(packageRoot(), 'dist/dashboard')
  fs.symlinkSync(built, flint.dashboard.pageDirectory)
  const baseUrl = await flint.api.listen({ host: '127.0.0.1', port: 0 })
  await flint.ask('PATCH', '/v1/settings', { body: { promptCapture: true } })
  return {
    ...flint,
    baseUrl,
    async open(pages, at, { key = flint.ours.key, ...options } = {}) {
      const page = await pages.open(`${baseUrl}/ui/signin`, options)
      await signIn(page, key)
      await page.goto(`${baseUrl}/ui/${at}`)
      return page
    },
    async report(body) {
      const answer = await flint.ask('POST', '/v1/audit/report', { body })
      if (answer.status !== 202) throw new Error(JSON.stringify(answer.body))
      await flint.deliver()
      return answer.body.requestId
    },
  }
}
