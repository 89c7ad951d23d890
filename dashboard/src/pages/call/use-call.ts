import { useEffect, useRef } from 'preact/hooks'
import type { AuditRecord, Evidence, KeyNames, PromptReads } from '../../api/answers.ts'
import { ApiError, get } from '../../api/request.ts'
import { type Resource, useResource } from '../../api/resource.ts'

const ASK_WHILE_OPEN_MS = 2_000

export interface Call {
  readonly record: AuditRecord
  readonly evidence: Evidence
}

export interface CallAnswer extends Omit<Resource<Call | 'open'>, 'data'> {
  readonly data: Call | 'open' | undefined
}

/** The record of a call with its evidence; `open` while it goes on, then asked for again. */
export function useCall(id: string): CallAnswer {
  const path = `/audit/${encodeURIComponent(id)}`
  const call = useResource<Call | 'open'>(path, async (signal) => {
    try {
      const [record, evidence] = await Promise.all([
        get<AuditRecord>(path, {}, signal),
        get<Evidence>(`${path}/evidence`, {}, signal),
      ])
      return { record, evidence }
    } catch (error) {
      if (error instanceof ApiError && error.reason === 'in_progress') return 'open'
      throw error
    }
  })
  const retry = useRef(call.retry)
  retry.current = call.retry
  const isOpen = call.data === 'open' && !call.isStale
  useEffect(() => {
    if (!isOpen) return
    const timer = setInterval(() => retry.current(), ASK_WHILE_OPEN_MS)
    return () => clearInterval(timer)
  }, [isOpen])
  return call
}

/** Who read the prompt of a call; null asks nothing. */
export function useReads(id: string | null): Resource<PromptReads> {
  const path = id === null ? null : `/audit/prompt/${encodeURIComponent(id)}/reads`
  return useResource(path, (signal) => get<PromptReads>(path ?? '', {}, signal))
}

/** Names of keys by their ids. */
export function useKeyNames(): KeyNames['names'] | undefined {
  return useResource('/keys/names', (signal) => get<KeyNames>('/keys/names', {}, signal)).data
    ?.names
}

/** When a call came, as its id (UUIDv7) says; null where it is no such id. */
export function cameAt(id: string): number | null {
  const hex = id.replaceAll('-', '').slice(0, 12)
  return /^[0-9a-f]{12}$/.test(hex) && id.charAt(14) === '7' ? Number.parseInt(hex, 16) : null
}
