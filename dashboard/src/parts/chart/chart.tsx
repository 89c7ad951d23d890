import { type Signal, useSignalEffect } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { useEffect, useId, useRef, useState } from 'preact/hooks'
import { useLocation } from 'preact-iso'
import { preferences } from '../../state/preferences.ts'
import type { ChartData } from './chart-data.ts'
import { useChartKeys } from './chart-keys.ts'
import { ChartTable } from './chart-table.tsx'
import { bucketName, bucketSentence, type ChartWording, chartSentence } from './chart-text.ts'
import { mountPlot, type Plot } from './plot.ts'
import { seriesAt } from './series-at.ts'

export interface ChartProps {
  readonly data: ChartData
  readonly wording: ChartWording
  readonly height: number
  /** Of the numbers: `$`, `calls`, `ms`. */
  readonly unit: string
  /** A value of the axis, short. */
  readonly axisLabel: (value: number) => string
  /** The bucket under the cursor, the same for all charts of a page. */
  readonly cursor: Signal<number | null>
  /** The calls of a bucket: all, or those of one series. */
  readonly hrefOf: (index: number, key: string | null) => string
  readonly onZoom: (fromMs: number, toMs: number) => void
  /** Items that say which colour is what, of a bucket or of all; left out where that stands elsewhere. */
  readonly legend?: (index: number | null) => ComponentChildren
  /** Below the title, while no bucket is under the cursor. */
  readonly note?: ComponentChildren
}

/** A chart over buckets of time, as a figure with its sentence, its keys and its table. */
export function Chart(props: ChartProps) {
  const { data, wording, height, unit, cursor, hrefOf, onZoom, legend, note } = props
  const { route } = useLocation()
  const [isTable, setTable] = useState(false)
  const id = useId()
  const zoom = (first: number, last: number) => {
    const [from, to] = [data.buckets[first], data.buckets[last]]
    if (from === undefined || to === undefined) return
    cursor.value = null
    onZoom(from.fromMs, to.toMs)
  }
  const open = (index: number, value: number | null) => {
    const key = data.kind === 'bars' && value !== null ? seriesAt(data, index, value) : null
    route(hrefOf(index, key))
  }
  const plot = usePlot(props, { open, zoom })
  const { onKeyDown, onBlur, selected } = useChartKeys({
    count: data.buckets.length,
    cursor,
    open: (index) => open(index, null),
    zoom,
  })
  useEffect(() => plot.current?.setSelection(selected), [selected, plot])
  const at = cursor.value
  const bucket = at === null ? undefined : data.buckets[at]
  const said = at === null ? null : bucketSentence(data, at, wording)
  return (
    <figure class="chart" aria-labelledby={id}>
      <figcaption>
        <h2 id={id}>{wording.title}</h2>
        <button
          type="button"
          class="button quiet small as-table"
          aria-label={`As table: ${wording.title}`}
          onClick={() => setTable(true)}
        >
          As table
        </button>
        <p class="readout small muted ellipsis">
          {legend === undefined || bucket === undefined
            ? (said ?? note)
            : bucketName(bucket, wording.timeZone)}
        </p>
        {legend !== undefined && <ul class="keys small">{legend(at)}</ul>}
      </figcaption>
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset is of a form. */}
      <div
        class="plot"
        role="group"
        aria-roledescription="chart"
        aria-label={chartSentence(data, wording)}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: its cursor is moved with keys.
        tabIndex={0}
        style={{ height: `${height}px` }}
        ref={plot.box}
        onKeyDown={onKeyDown}
        onBlur={onBlur}
      >
        {plot.isBroken && (
          <p class="small muted">
            This browser does not draw the chart. Its table has the numbers.
          </p>
        )}
      </div>
      <p class="visually-hidden" aria-live="polite">
        {selected === null
          ? plot.hasFocus() && said
          : `${Math.abs(selected[1] - selected[0]) + 1} selected. Enter zooms in, Escape lets go.`}
      </p>
      {isTable && (
        <ChartTable
          data={data}
          wording={wording}
          unit={unit}
          hrefOf={hrefOf}
          onClose={() => setTable(false)}
        />
      )}
    </figure>
  )
}

/** Draws into `box`, and again whenever data, cursor or theme change. */
function usePlot(
  props: ChartProps,
  does: {
    open: (index: number, value: number) => void
    zoom: (first: number, last: number) => void
  },
) {
  const box = useRef<HTMLDivElement>(null)
  const current = useRef<Plot | null>(null)
  const [isBroken, setBroken] = useState(false)
  const latest = useRef({ props, does })
  latest.current = { props, does }
  const options = () => {
    const { data, wording, height, axisLabel } = latest.current.props
    return { data, timeZone: wording.timeZone, height, label: axisLabel }
  }

  useEffect(() => {
    const target = box.current
    if (target === null) return
    let isGone = false
    void mountPlot(target, options(), {
      onCursor: (index) => {
        latest.current.props.cursor.value = index
      },
      onOpen: (index, value) => latest.current.does.open(index, value),
      onZoom: (first, last) => latest.current.does.zoom(first, last),
    }).then(
      (plot) => {
        if (isGone) plot.destroy()
        else current.current = plot
      },
      () => setBroken(true),
    )
    const scheme = matchMedia('(prefers-color-scheme: dark)')
    const redraw = () => current.current?.redraw()
    scheme.addEventListener('change', redraw)
    return () => {
      isGone = true
      scheme.removeEventListener('change', redraw)
      current.current?.destroy()
      current.current = null
    }
  }, [])
  useEffect(() => current.current?.update(options()), [props.data, props.wording.timeZone])
  useSignalEffect(() => {
    // Read also while there is no plot yet: what is not read is not followed.
    const at = props.cursor.value
    current.current?.setCursor(at)
  })
  useSignalEffect(() => {
    if (preferences.value.theme !== undefined) current.current?.redraw()
  })
  return Object.assign(current, {
    box,
    isBroken,
    hasFocus: () => box.current !== null && document.activeElement === box.current,
  })
}
