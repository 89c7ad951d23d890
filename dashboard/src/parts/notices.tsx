import type { ComponentChildren } from 'preact'
import { away } from '../api/installation.ts'
import type { ApiError } from '../api/request.ts'
import type { Resource } from '../api/resource.ts'
import { time } from '../state/times.ts'
import { useQuery } from '../state/url.ts'
import { zoneOf } from '../state/zone.ts'
import { Icon } from './icon.tsx'

/** A remark in a page, with its sign. */
export function Notice({
  kind = 'info',
  children,
}: {
  kind?: 'info' | 'warn' | 'bad'
  children: ComponentChildren
}) {
  return (
    <div class={`notice ${kind}`} role={kind === 'bad' ? 'alert' : 'note'}>
      <span class={kind}>
        <Icon name={kind === 'info' ? 'circle-help' : 'triangle-alert'} />
      </span>
      <div>{children}</div>
    </div>
  )
}

/** What went wrong in one part of a page; the other parts stay. */
export function Failure({ error, retry }: { error: ApiError; retry?: () => void }) {
  return (
    <Notice kind="bad">
      <span>{error.message}</span>
      <span class="small muted">
        {error.code}
        {error.reason !== null && ` · ${error.reason}`}
        {error.requestId !== null && (
          <>
            {' · request '}
            <span class="id">{error.requestId}</span>
          </>
        )}
      </span>
      {retry !== undefined && (
        <span>
          <button type="button" class="button" onClick={retry}>
            Retry
          </button>
        </span>
      )}
    </Notice>
  )
}

/**
 * A part of a page over its data: a skeleton before the first answer, the last data greyed while it
 * is not the present answer, what went wrong beside it.
 */
export function Loaded<T>({
  resource,
  skeleton,
  children,
}: {
  resource: Resource<T>
  skeleton: ComponentChildren
  children: (data: T) => ComponentChildren
}) {
  const { data, error, isStale, atMs, retry } = resource
  // The banner above the page says what is away, and since when: all that is shown is of before.
  const isOld = error !== undefined || away.value !== null
  const isSaid = away.value !== null && error?.isAway === true && data !== undefined
  return (
    <>
      {error !== undefined && !isSaid && <Failure error={error} retry={retry} />}
      {isOld && atMs !== undefined && <AsOf atMs={atMs} />}
      {data === undefined ? (
        error === undefined && skeleton
      ) : (
        <div class={isStale || isOld ? 'stale' : undefined}>{children(data)}</div>
      )}
    </>
  )
}

/** When what is still shown was true. */
function AsOf({ atMs }: { atMs: number }) {
  const { query } = useQuery()
  const timeZone = zoneOf(query)
  return (
    <p class="small muted">
      As of {time(atMs, timeZone)} {timeZone}
    </p>
  )
}

/** A box of the size that is to come. */
export function Skeleton({ height }: { height: number }) {
  return <div class="skeleton" style={{ height: `${height}px` }} aria-hidden="true" />
}
