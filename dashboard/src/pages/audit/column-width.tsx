import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { Column } from './columns.ts'
import { LEAST_WIDTH, MOST_WIDTH } from './columns-in-url.ts'

const STEP = 16

export interface WidthChanges {
  /** While a column is dragged; null: not any more. */
  readonly drag: (dragged: { readonly id: string; readonly px: number } | null) => void
  /** What the reader decided on; null: the usual width. */
  readonly set: (id: string, px: number | null) => void
}

/** The edge of a column: dragged, or moved by the arrow keys. */
export function ColumnWidth({
  column: { id, label, width },
  changes,
}: {
  column: Column
  changes: WidthChanges
}) {
  const start = useRef<{ x: number; px: number } | null>(null)
  const edge = useRef<HTMLSpanElement>(null)
  const [drawnPx, setDrawnPx] = useState(LEAST_WIDTH)
  // A column that takes what is left has a width, too, and a splitter must say where it is.
  useLayoutEffect(() => {
    if (edge.current !== null) setDrawnPx(Math.round(widthOf(edge.current)))
  })
  const draggedTo = (event: PointerEvent) =>
    start.current === null ? null : start.current.px + event.clientX - start.current.x
  function end() {
    start.current = null
    changes.drag(null)
  }
  return (
    // biome-ignore lint/a11y/useSemanticElements: a splitter that can be moved, no thematic break.
    <span
      ref={edge}
      class="column-width"
      role="separator"
      tabIndex={0}
      aria-orientation="vertical"
      aria-label={`Width of ${label}`}
      aria-valuemin={LEAST_WIDTH}
      aria-valuemax={MOST_WIDTH}
      aria-valuenow={width === 0 ? drawnPx : width}
      aria-valuetext={width === 0 ? 'what is left' : `${width} pixels`}
      title="Drag, or ← →; usual width: double click, or Enter"
      onPointerDown={(event) => {
        if (event.button !== 0) return
        event.preventDefault()
        event.currentTarget.focus()
        event.currentTarget.setPointerCapture(event.pointerId)
        start.current = { x: event.clientX, px: widthOf(event.currentTarget) }
      }}
      onPointerMove={(event) => {
        const px = draggedTo(event)
        if (px !== null) changes.drag({ id, px })
      }}
      onPointerUp={(event) => {
        const px = draggedTo(event)
        const hasMoved = start.current !== null && px !== start.current.px
        end()
        if (px !== null && hasMoved) changes.set(id, px)
      }}
      onPointerCancel={end}
      onDblClick={() => changes.set(id, null)}
      onKeyDown={(event) => {
        const step = { ArrowLeft: -STEP, ArrowRight: STEP }[event.key]
        if (step === undefined && event.key !== 'Enter') return
        event.preventDefault()
        event.stopPropagation()
        changes.set(id, step === undefined ? null : widthOf(event.currentTarget) + step)
      }}
    />
  )
}

/** As it is drawn: a column without a width of its own has one too. */
function widthOf(edge: HTMLElement): number {
  return edge.parentElement?.getBoundingClientRect().width ?? LEAST_WIDTH
}
