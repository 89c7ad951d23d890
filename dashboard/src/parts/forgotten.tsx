import type { Summary } from '../api/answers.ts'
import { dateTime } from '../state/times.ts'
import { Icon } from './icon.tsx'

/** The part of a range that is over its retention. */
export function Forgotten({
  summary,
  timeZone,
}: {
  summary: Summary | undefined
  timeZone: string
}) {
  if (summary === undefined || summary.range.from >= summary.range.keptSince) return null
  return (
    <p class="small warn forgotten">
      <Icon name="triangle-alert" /> Calls before{' '}
      {dateTime(Date.parse(summary.range.keptSince), timeZone, 'min')} {timeZone} are over their
      retention and in no number.
    </p>
  )
}
