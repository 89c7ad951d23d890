import { ago, dateTime } from '../state/times.ts'
import { useQuery } from '../state/url.ts'
import { zoneOf } from '../state/zone.ts'

/** An instant in the zone of the page; how long ago that is, and UTC, on hover. */
export function Moment({ at, to = 's' }: { at: string; to?: 'min' | 's' | 'ms' }) {
  const { query } = useQuery()
  const ms = Date.parse(at)
  const past = ms <= Date.now() ? `${ago(ms, Date.now())} · ` : ''
  return (
    <time class="moment" dateTime={at} title={`${past}${new Date(ms).toISOString()}`}>
      {dateTime(ms, zoneOf(query), to)}
    </time>
  )
}
