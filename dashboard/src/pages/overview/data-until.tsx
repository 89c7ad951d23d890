import { useEffect } from 'preact/hooks'
import type { Summary, System } from '../../api/answers.ts'
import { get } from '../../api/request.ts'
import { type Resource, useResource } from '../../api/resource.ts'
import { setBanner } from '../../app/banners.tsx'
import { Icon } from '../../parts/icon.tsx'
import { ago, time } from '../../state/times.ts'
import { delayOf } from './delay.ts'
import type { Question } from './question.ts'

const BANNER = 'overview data until'

/**
 * Up to when the numbers hold. Where the newest record is old, the backlog says whether records
 * wait on disk or nothing was called since.
 */
export function DataUntil({
  summary,
  question,
}: {
  summary: Resource<Summary>
  question: Question
}) {
  const { data, atMs } = summary
  const untilMs = data?.dataUntil == null ? null : Date.parse(data.dataUntil)
  const isPast = untilMs !== null && untilMs >= question.range.toMs && question.range.last === null
  const isOld = untilMs !== null && atMs !== undefined && !isPast && atMs - untilMs > 10_000
  const system = useResource(isOld ? `backlog ${atMs}` : null, (signal) =>
    get<System>('/system', undefined, signal),
  )
  const { timeZone } = question
  const delay = delayOf({
    untilMs,
    atMs,
    isPast,
    backlog: isOld ? system.data?.backlog : undefined,
  })
  const banner =
    delay.kind === 'behind' && delay.isLong
      ? `Records since ${time(delay.sinceMs, timeZone)} wait on disk; the numbers below hold until then.`
      : null
  useEffect(() => {
    setBanner(BANNER, banner)
    return () => setBanner(BANNER, null)
  }, [banner])
  if (untilMs === null || atMs === undefined) return <span class="data-until" />
  if (isPast) return <span class="data-until">complete</span>
  return (
    <span
      class={`data-until${delay.kind === 'behind' ? ' warn' : ''}`}
      title={
        delay.kind === 'quiet'
          ? 'Nothing waits on disk: no call came since.'
          : 'Newest moment up to which records are stored and summed up.'
      }
    >
      {`data until ${time(untilMs, timeZone)} (${delay.kind === 'quiet' ? 'no call since' : ago(untilMs, atMs)})`}
      {delay.kind === 'behind' && <Icon name="triangle-alert" />}
    </span>
  )
}
