import type { Page } from 'playwright-core'
import type { Pages } from './pages.ts'

export interface OpenSignedIn {
  readonly baseUrl: string
  /** Below /ui/, with its query. */
  readonly path: string
  readonly key: string
  readonly width?: number
  readonly theme?: 'light' | 'dark'
  readonly allowed?: readonly RegExp[]
}

/** Opens a place of the dashboard and signs in on the way to it, as a person does. */
export async function openSignedIn(
  pages: Pick<Pages, 'open'>,
  { baseUrl, path, key, ...options }: OpenSignedIn,
): Promise<Page> {
  const page = await pages.open(`${baseUrl}/ui/${path}`, options)
  await page.getByLabel('Flint key').fill(key)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.waitForURL(`${baseUrl}/ui/${path}`)
  return page
}
