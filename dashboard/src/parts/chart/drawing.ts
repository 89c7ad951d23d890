import type { ChartData, ChartSeries } from './chart-data.ts'

/** Where values stand on the canvas, in its own pixels. */
export interface Plane {
  readonly context: CanvasRenderingContext2D
  readonly pixelRatio: number
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
  x(index: number): number
  y(value: number): number
  /** A custom property as the canvas takes it. */
  colour(name: string): string
}

const WIDEST_BAR = 40
const SHARE_OF_SLOT = 0.82
/** Of a bucket that still fills. */
const OPEN_ALPHA = 0.4

/** Stacked bars; the estimated part of each series is hatched, a last bucket that fills is dashed. */
export function drawBars(plane: Plane, data: ChartData): void {
  const { context, pixelRatio, width } = plane
  const slot = width / Math.max(1, data.buckets.length)
  const barWidth = Math.max(
    pixelRatio,
    Math.min(Math.round(slot * SHARE_OF_SLOT), WIDEST_BAR * pixelRatio),
  )
  const between = barWidth > 6 * pixelRatio ? pixelRatio : 0
  const hatches = new Map<string, CanvasPattern | string>()
  context.save()
  data.buckets.forEach((_, index) => {
    const left = Math.round(plane.x(index) - barWidth / 2)
    const isOpen = data.isLastOpen && index === data.buckets.length - 1
    let sum = 0
    for (const { colour: name, values, estimated } of data.series) {
      const value = values[index] ?? 0
      if (value <= 0) continue
      const colour = plane.colour(name)
      const guessed = Math.min(value, estimated?.[index] ?? 0)
      const box = (from: number, to: number) => {
        const top = Math.round(plane.y(to))
        const bottom = Math.round(plane.y(from)) - (from > 0 ? between : 0)
        return [left, top, barWidth, Math.max(pixelRatio, bottom - top)] as const
      }
      context.globalAlpha = isOpen ? OPEN_ALPHA : 1
      if (value > guessed) {
        context.fillStyle = colour
        context.fillRect(...box(sum, sum + value - guessed))
      }
      if (guessed > 0) {
        const hatch = hatches.get(colour) ?? hatchOf(context, colour, pixelRatio)
        hatches.set(colour, hatch)
        context.fillStyle = hatch
        context.fillRect(...box(sum + value - guessed, sum + value))
      }
      sum += value
    }
    context.globalAlpha = 1
    if (isOpen && sum > 0) {
      context.setLineDash([3 * pixelRatio, 3 * pixelRatio])
      context.lineWidth = pixelRatio
      context.strokeStyle = plane.colour('--text-2')
      const top = Math.round(plane.y(sum))
      context.strokeRect(left + 0.5, top + 0.5, barWidth - 1, Math.round(plane.y(0)) - top - 1)
      context.setLineDash([])
    }
  })
  context.restore()
}

/** A line for each series, with gaps where nothing is known; a point that stands alone is a dot. */
export function drawLines(plane: Plane, data: ChartData): void {
  const { context, pixelRatio } = plane
  context.save()
  context.lineWidth = 1.5 * pixelRatio
  context.lineJoin = 'round'
  for (const series of data.series) {
    const colour = plane.colour(series.colour)
    context.strokeStyle = colour
    context.fillStyle = colour
    for (const run of runsOf(series)) {
      context.beginPath()
      const [only] = run
      if (run.length === 1 && only !== undefined) {
        context.arc(plane.x(only.index), plane.y(only.value), 2.5 * pixelRatio, 0, 2 * Math.PI)
        context.fill()
        continue
      }
      for (const { index, value } of run) context.lineTo(plane.x(index), plane.y(value))
      context.stroke()
    }
  }
  context.restore()
}

/** A mark below the axis where calls were not wholly observed. */
export function drawLosses(plane: Plane, data: ChartData): void {
  const { context, pixelRatio } = plane
  const bottom = plane.top + plane.height
  context.save()
  context.fillStyle = plane.colour('--bad')
  data.losses?.forEach((lost, index) => {
    if (lost === 0) return
    const x = plane.x(index)
    context.beginPath()
    context.moveTo(x, bottom + 3 * pixelRatio)
    context.lineTo(x + 4 * pixelRatio, bottom + 9 * pixelRatio)
    context.lineTo(x - 4 * pixelRatio, bottom + 9 * pixelRatio)
    context.fill()
  })
  context.restore()
}

/** Stretches of neighbouring points that are known. */
function runsOf({ values }: ChartSeries) {
  const runs: { index: number; value: number }[][] = []
  let isAfterGap = true
  values.forEach((value, index) => {
    if (value === null) {
      isAfterGap = true
      return
    }
    if (isAfterGap) runs.push([])
    runs.at(-1)?.push({ index, value })
    isAfterGap = false
  })
  return runs
}

function hatchOf(
  context: CanvasRenderingContext2D,
  colour: string,
  pixelRatio: number,
): CanvasPattern | string {
  const size = Math.round(5 * pixelRatio)
  const tile = new OffscreenCanvas(size, size)
  const pen = tile.getContext('2d')
  if (pen === null) return colour
  pen.strokeStyle = colour
  pen.lineWidth = 1.5 * pixelRatio
  for (const shift of [-size, 0, size]) {
    pen.moveTo(shift, size)
    pen.lineTo(shift + size, 0)
  }
  pen.stroke()
  return context.createPattern(tile, 'repeat') ?? colour
}
