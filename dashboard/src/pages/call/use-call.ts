import { useEffect, useRef } from 'preact/hooks'
import type { AuditRecord, Evidence, Found, PromptReads } from '../../api/answers.ts'
import { ApiError, get } from '../../api/request.ts'
import { type Resource, useResource } from '../../api/resource.ts'

const ASK_AGAIN_MS = 2_000
/** Text is stored after the record: in a moment, or when its store is back. */
const TEXT_COMES_WITHIN_MS = 60_000

export interface Call {
  readonly record: AuditRecord
  readonly evidence: Evidence
}

export interface CallAnswer extends Omit<Resource<Call | 'open'>, 'data'> {
  readonly data: Call | 'open' | undefined
}

/**
 * The record of a call with its evidence; `open` while it goes on. Asked for again while it does, and
 * while its text may still come.
 */
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
  const isComing = call.data !== undefined && !call.isStale && mayChange(call.data)
  useEffect(() => {
    if (!isComing) return
    const timer = setInterval(() => retry.current(), ASK_AGAIN_MS)
    return () => clearInterval(timer)
  }, [isComing])
  return call
}

function mayChange(call: Call | 'open'): boolean {
  return call === 'open' || isTextComing(call.record)
}

/** Prompts of the call were to be kept, and nothing is known of its text yet. */
export function isTextComing(record: AuditRecord, nowMs = Date.now()): boolean {
  const { promptCapture, promptS3Key, contentGap, outcome, completedAt, createdAt } = record
  if (promptCapture !== true || promptS3Key !== null || contentGap !== null) return false
  const ageMs = nowMs - Date.parse(completedAt ?? createdAt)
  return outcome !== 'rejected' && ageMs < TEXT_COMES_WITHIN_MS
}

/** Who read the prompt of a call; null asks nothing. */
export function useReads(id: string | null): Resource<PromptReads> {
  const path = id === null ? null : `/audit/prompt/${encodeURIComponent(id)}/reads`
  return useResource(path, (signal) => get<PromptReads>(path ?? '', {}, signal))
}

/**
 * Other calls about the same work of the provider (order, polls, what was found in their answers),
 * newest first: they share its id. Empty for a call whose answer was all there is to it.
 */
export function useRelated({ record, evidence }: Call): readonly string[] {
  const { requestId, responseId, parentId, billable, source } = record
  const reportedBy = evidence.rows.find(({ kind }) => kind === 'deferred')?.columns['parent_id']
  const isOfWork = billable !== true || source === 'derived' || reportedBy !== undefined
  const found = useResource(isOfWork ? responseId : null, (signal) =>
    get<Found>('/audit/find', { id: responseId ?? '' }, signal),
  )
  const ids = [parentId, reportedBy, ...(isOfWork ? (found.data?.requestIds ?? []) : [])]
  return [...new Set(ids)].filter((id): id is string => typeof id === 'string' && id !== requestId)
}

/** When a call came, as its id (UUIDv7) says; null where it is no such id. */
export function cameAt(id: string): number | null {
  const hex = id.replaceAll('-', '').slice(0, 12)
  return /^[0-9a-f]{12}$/.test(hex) && id.charAt(14) === '7' ? Number.parseInt(hex, 16) : null
}
