import { useState } from 'preact/hooks'
import type { Summary } from '../../api/answers.ts'
import { count } from '../../state/numbers.ts'
import { dateTime, span } from '../../state/times.ts'

const HEIGHT = 24
const LEAST_BAR = 1.5

type Buckets = Summary['buckets']

/**
 * Calls over time, failed ones marked. A click on a bar, or a drag over several, makes them the
 * range; so do arrows (with Shift for several) and Enter.
 */
export function Sparkline({
  buckets,
  timeZone,
  onRange,
}: {
  buckets: Buckets
  timeZone: string
  onRange: (fromMs: number, toMs: number) => void
}) {
  const [chosen, setChosen] = useState<readonly [start: number, end: number] | null>(null)
  const [isDragging, setDragging] = useState(false)
  const most = Math.max(1, ...buckets.map(({ totals }) => totals.calls))
  const highest = buckets.find(({ totals }) => totals.calls === most)
  const [low, high] = chosen === null ? [-1, -1] : [Math.min(...chosen), Math.max(...chosen)]

  function zoom() {
    const [first, end] = [buckets[low], buckets[high]]
    setChosen(null)
    setDragging(false)
    if (first !== undefined && end !== undefined)
      onRange(Date.parse(first.from), Date.parse(end.to))
  }
  function bucketAt(event: PointerEvent & { currentTarget: HTMLElement }): number {
    const { left, width } = event.currentTarget.getBoundingClientRect()
    const at = Math.floor(((event.clientX - left) / width) * buckets.length)
    return Math.min(Math.max(at, 0), buckets.length - 1)
  }
  function onKeyDown(event: KeyboardEvent) {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key]
    if (step !== undefined) {
      event.preventDefault()
      const end = Math.min(Math.max((chosen?.[1] ?? buckets.length) + step, 0), buckets.length - 1)
      setChosen([event.shiftKey ? (chosen?.[0] ?? end) : end, end])
    } else if (event.key === 'Enter' && chosen !== null) {
      event.preventDefault()
      zoom()
    } else if (event.key === 'Escape' && chosen !== null) {
      event.preventDefault()
      setChosen(null)
    }
  }

  const total = (of: (totals: Buckets[number]['totals']) => number) =>
    buckets.slice(low, high + 1).reduce((sum, { totals }) => sum + of(totals), 0)
  const [first, end] = [buckets[low], buckets[high]]
  const said =
    first === undefined || end === undefined
      ? sentence(highest, timeZone)
      : `${span(Date.parse(first.from), Date.parse(end.to), timeZone)}: ${count(total(({ calls }) => calls))} calls, ${count(total(({ failed }) => failed))} failed`
  return (
    <figure class="sparkline" title={said}>
      <div
        role="slider"
        tabIndex={0}
        aria-label="Calls over time"
        aria-valuemin={0}
        aria-valuemax={Math.max(0, buckets.length - 1)}
        aria-valuenow={chosen?.[1] ?? 0}
        aria-valuetext={said}
        onKeyDown={onKeyDown}
        onBlur={() => setChosen(null)}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId)
          const at = bucketAt(event)
          setDragging(true)
          setChosen([at, at])
        }}
        onPointerMove={(event) => {
          const at = bucketAt(event)
          setChosen([isDragging ? (chosen?.[0] ?? at) : at, at])
        }}
        onPointerLeave={() => !isDragging && setChosen(null)}
        onPointerUp={() => isDragging && zoom()}
      >
        <svg
          viewBox={`0 0 ${Math.max(buckets.length, 1)} ${HEIGHT}`}
          preserveAspectRatio="none"
          aria-hidden="true"
        >
          {chosen !== null && (
            <rect class="chosen" x={low} y={0} width={high - low + 1} height={HEIGHT} />
          )}
          {buckets.map(({ from, totals: { calls, failed } }, at) => {
            const height = calls === 0 ? 0 : Math.max(LEAST_BAR, (calls / most) * HEIGHT)
            const bad = (failed / Math.max(calls, 1)) * height
            return (
              <g key={from}>
                <rect x={at + 0.15} y={HEIGHT - height} width={0.7} height={height} />
                {failed > 0 && (
                  <rect class="failed" x={at + 0.15} y={HEIGHT - bad} width={0.7} height={bad} />
                )}
              </g>
            )
          })}
        </svg>
      </div>
    </figure>
  )
}

function sentence(highest: Buckets[number] | undefined, timeZone: string): string {
  if (highest === undefined || highest.totals.calls === 0) return 'No calls'
  const at = dateTime(Date.parse(highest.from), timeZone, 'min')
  return `At most ${count(highest.totals.calls)} calls, at ${at} ${timeZone}. Click or drag: zoom`
}
