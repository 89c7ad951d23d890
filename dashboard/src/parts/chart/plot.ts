import type uPlot from 'uplot'
import { axisTicks } from './axis-ticks.ts'
import { type ChartData, highest, niceMaximum } from './chart-data.ts'
import { drawBars, drawLines, drawLosses, type Plane } from './drawing.ts'

const VALUE_AXIS = 52
const TIME_AXIS = 34
const BETWEEN_LABELS = 84
/** Half of the last label of the time axis may stand beyond the last bucket. */
const LABEL_OVERHANG = 12
const GRID_LINES = 4

export interface PlotOptions {
  readonly data: ChartData
  readonly timeZone: string
  readonly height: number
  /** A value of the axis, short. */
  readonly label: (value: number) => string
}

export interface PlotEvents {
  /** The pointer is over a bucket, or over none. */
  readonly onCursor: (index: number | null) => void
  /** A bucket was clicked; `value`: where on the axis. */
  readonly onOpen: (index: number, value: number) => void
  /** Buckets were marked, both ends inclusive. */
  readonly onZoom: (first: number, last: number) => void
}

/** What is drawn in a box, until `destroy`. */
export interface Plot {
  update(options: PlotOptions): void
  /** Marks the bucket under the cursor. */
  setCursor(index: number | null): void
  /** Marks buckets, both ends inclusive; null: none. */
  setSelection(selection: readonly [number, number] | null): void
  /** Colours are read anew. */
  redraw(): void
  destroy(): void
}

/**
 * Draws into `box`. uPlot gives canvas, axes, cursor and selection; it is fetched here and known
 * nowhere else.
 */
export async function mountPlot(
  box: HTMLElement,
  given: PlotOptions,
  events: PlotEvents,
): Promise<Plot> {
  const { default: UPlot } = await import('uplot')
  let options = given
  const colour = (name: string) => colourOf(box, name)
  const font = getComputedStyle(box).fontFamily
  const maximum = () => niceMaximum(highest(options.data))
  const slots = () => options.data.buckets.length
  const text = { stroke: () => colour('--text-2'), font: `12px ${font}`, ticks: { show: false } }
  const tickCount = (plot: uPlot) => Math.max(2, Math.floor(plot.width / BETWEEN_LABELS))
  const ticksOf = (plot: uPlot) =>
    axisTicks(options.data.buckets, options.timeZone, tickCount(plot))

  const plot = new UPlot(
    {
      width: Math.max(1, box.clientWidth),
      height: options.height,
      padding: [8, LABEL_OVERHANG, 0, 0],
      legend: { show: false },
      cursor: {
        // uPlot shows its own only under the pointer.
        x: false,
        y: false,
        points: { show: false },
        drag: { x: true, y: false, setScale: false, dist: 5 },
      },
      scales: {
        x: { time: false, range: () => [-0.5, slots() - 0.5] },
        y: { range: () => [0, maximum()] },
      },
      axes: [
        {
          ...text,
          size: TIME_AXIS,
          gap: 10,
          grid: { show: false },
          splits: (self) => ticksOf(self).map(({ index }) => index),
          values: (self) => ticksOf(self).map(({ label }) => label),
        },
        {
          ...text,
          size: VALUE_AXIS,
          gap: 8,
          grid: { stroke: () => colour('--line'), width: 1 },
          splits: () =>
            Array.from({ length: GRID_LINES + 1 }, (_, n) => (n * maximum()) / GRID_LINES),
          values: (_, values) => values.map((value) => options.label(value)),
        },
      ],
      series: [{}, { paths: () => null, points: { show: false } }],
      hooks: {
        draw: [
          (self) => {
            const plane = planeOf(self, colour)
            if (options.data.kind === 'bars') drawBars(plane, options.data)
            else drawLines(plane, options.data)
            drawLosses(plane, options.data)
          },
        ],
        setCursor: [({ cursor }) => events.onCursor(cursor.idx ?? null)],
        setSelect: [
          (self) => {
            const { left, width } = self.select
            if (width === 0) return
            const at = (pixel: number) =>
              Math.min(slots() - 1, Math.max(0, Math.round(self.posToVal(pixel, 'x'))))
            self.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false)
            events.onZoom(at(left), at(left + width))
          },
        ],
      },
    },
    dataOf(options),
    box,
  )
  plot.over.addEventListener('click', ({ offsetX, offsetY }) => {
    events.onOpen(plot.posToIdx(offsetX), plot.posToVal(offsetY, 'y'))
  })
  const cursor = document.createElement('div')
  cursor.className = 'plot-cursor'
  cursor.hidden = true
  plot.over.append(cursor)
  let at: number | null = null
  const placeCursor = () => {
    cursor.hidden = at === null || at >= slots()
    if (at === null) return
    const [left, right] = [plot.valToPos(at - 0.5, 'x'), plot.valToPos(at + 0.5, 'x')]
    cursor.style.left = `${left}px`
    cursor.style.width = `${right - left}px`
  }
  const resized = new ResizeObserver(() => {
    plot.setSize({ width: Math.max(1, box.clientWidth), height: options.height })
    placeCursor()
  })
  resized.observe(box)

  return {
    update(next) {
      options = next
      plot.setData(dataOf(options))
      placeCursor()
    },
    setCursor(index) {
      at = index
      placeCursor()
    },
    setSelection(selection) {
      if (selection === null) {
        plot.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false)
        return
      }
      const left = plot.valToPos(Math.min(...selection) - 0.5, 'x')
      const right = plot.valToPos(Math.max(...selection) + 0.5, 'x')
      plot.setSelect({ left, width: right - left, top: 0, height: plot.over.clientHeight }, false)
    },
    redraw: () => plot.redraw(),
    destroy() {
      resized.disconnect()
      plot.destroy()
    },
  }
}

/** uPlot needs some series to have a cursor; what is drawn is drawn in its `draw`. */
function dataOf({ data }: PlotOptions): uPlot.AlignedData {
  return [data.buckets.map((_, index) => index), data.buckets.map(() => 0)]
}

function planeOf(plot: uPlot, colour: (name: string) => string): Plane {
  return {
    context: plot.ctx,
    pixelRatio: devicePixelRatio,
    ...plot.bbox,
    x: (index) => plot.valToPos(index, 'x', true),
    y: (value) => plot.valToPos(value, 'y', true),
    colour,
  }
}

/** A canvas does not resolve custom properties and `light-dark()`; an element does. */
function colourOf(box: HTMLElement, name: string): string {
  // Of no column, so nothing is seen of it.
  box.style.setProperty('column-rule-color', `var(${name})`)
  return getComputedStyle(box).columnRuleColor
}
