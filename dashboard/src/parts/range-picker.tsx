import { useState } from 'preact/hooks'
import { fromLocalInput, localInput } from '../state/local-input.ts'
import {
  nowMs,
  type Range,
  rangeChanges,
  rangeOf,
  refreshNow,
  SPANS,
  type Span,
} from '../state/range.ts'
import { span } from '../state/times.ts'
import { useQuery } from '../state/url.ts'
import { zoneOf } from '../state/zone.ts'
import { TimeField } from './fields.tsx'
import { Menu, MenuItem } from './menu.tsx'

/** The time range of a page, which its URL keeps. */
export function RangePicker() {
  const { query, push } = useQuery()
  const range = rangeOf(query, nowMs.value)
  const timeZone = zoneOf(query)
  const choose = (chosen: Range) => {
    refreshNow()
    push({ ...rangeChanges(chosen), around: null })
  }
  const ends = span(range.fromMs, range.toMs, timeZone)
  return (
    <span data-menu="range" title={ends}>
      <Menu
        name="Time range"
        role="dialog"
        label={range.last === null ? ends : SPANS[range.last].label}
      >
        {(close) => (
          <div class="body">
            {range.last !== null && <p class="small muted">{ends}</p>}
            <div class="checks" role="menu" aria-label="Until now">
              {Object.entries(SPANS).map(([name, { label, ms }]) => (
                <MenuItem
                  key={name}
                  isChosen={range.last === name}
                  onClick={() => {
                    choose({ fromMs: Date.now() - ms, toMs: Date.now(), last: name as Span })
                    close()
                  }}
                >
                  {label}
                </MenuItem>
              ))}
            </div>
            <hr />
            <BothEnds
              range={range}
              timeZone={timeZone}
              onChoose={(chosen) => {
                choose(chosen)
                close()
              }}
            />
          </div>
        )}
      </Menu>
    </span>
  )
}

function BothEnds({
  range,
  timeZone,
  onChoose,
}: {
  range: Range
  timeZone: string
  onChoose: (range: Range) => void
}) {
  const [from, setFrom] = useState(localInput(range.fromMs, timeZone))
  const [to, setTo] = useState(localInput(range.toMs, timeZone))
  const fromMs = fromLocalInput(from, timeZone)
  const toMs = fromLocalInput(to, timeZone)
  const isWrong = fromMs === null || toMs === null || fromMs >= toMs
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        if (!isWrong) onChoose({ fromMs, toMs, last: null })
      }}
    >
      <TimeField label={`From, ${timeZone}`} value={from} onInput={setFrom} />
      <TimeField label={`To, ${timeZone}`} value={to} onInput={setTo} />
      {isWrong && <p class="small error-text">The end must be after the start.</p>}
      <button type="submit" class="button primary" disabled={isWrong}>
        Show this range
      </button>
    </form>
  )
}
