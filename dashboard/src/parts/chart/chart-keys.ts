import type { Signal } from '@preact/signals'
import { useState } from 'preact/hooks'

/**
 * Keys of a chart: arrows, Home and End move the cursor, Enter opens its bucket; with Shift arrows
 * mark buckets, Enter zooms into them and Escape lets go.
 */
export function useChartKeys({
  count,
  cursor,
  open,
  zoom,
}: {
  count: number
  cursor: Signal<number | null>
  open: (index: number) => void
  zoom: (first: number, last: number) => void
}) {
  /** First and last marked bucket, in the order of marking. */
  const [selected, select] = useState<readonly [number, number] | null>(null)
  function onKeyDown(event: KeyboardEvent) {
    // Alt with an arrow is the browser's.
    if (event.altKey || event.ctrlKey || event.metaKey) return
    const at = cursor.value
    const to = {
      ArrowLeft: (at ?? count) - 1,
      ArrowRight: (at ?? -1) + 1,
      Home: 0,
      End: count - 1,
    }[event.key]
    if (to !== undefined) {
      const next = Math.max(0, Math.min(count - 1, to))
      select(event.shiftKey ? [selected?.[0] ?? at ?? next, next] : null)
      cursor.value = next
    } else if (event.key === 'Escape' && (selected !== null || at !== null)) {
      select(null)
      cursor.value = null
    } else if (event.key === 'Enter' && selected !== null) {
      select(null)
      zoom(Math.min(...selected), Math.max(...selected))
    } else if (event.key === 'Enter' && at !== null) {
      open(at)
    } else {
      return
    }
    event.preventDefault()
    event.stopPropagation()
  }
  function onBlur() {
    select(null)
    cursor.value = null
  }
  return { onKeyDown, onBlur, selected }
}
