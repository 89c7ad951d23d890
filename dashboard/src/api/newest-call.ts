import type { Page } from './answers.ts'
import { get } from './request.ts'
import { useResource } from './resource.ts'

/**
 * When the newest call of the organisation was made, in milliseconds; null: there never was one,
 * undefined: not known. Asked only where a list or range is empty.
 */
export function useNewestCall(isAsked: boolean): number | null | undefined {
  const { data } = useResource(isAsked ? 'newest call' : null, (signal) =>
    get<Page>('/audit', { limit: 1, fields: 'createdAt', from: '1970-01-01' }, signal),
  )
  if (data === undefined) return undefined
  const [newest] = data.records
  return newest?.createdAt === undefined ? null : Date.parse(newest.createdAt)
}
