import type { RefObject } from 'preact'
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { Row } from './rows.ts'
import { type Drawn, drawnRows } from './windowing.ts'

/** Which row is at the top of what is seen, and by how much of it is scrolled out. */
interface Anchor {
  readonly id: string
  readonly index: number
}

interface DrawnRows {
  readonly drawn: Drawn
  /** Brings a row into view, away from the edges. */
  readonly reveal: (index: number) => void
  readonly scrollTo: (top: number) => void
  /** How far it is scrolled. */
  readonly top: () => number
}

/**
 * The rows of `body` to draw while `scroller`, or the page where that does not scroll, is scrolled.
 * Rows that are added or leave above do not move those that are seen.
 */
export function useDrawnRows(
  rows: readonly Row[],
  {
    scroller,
    body,
    rowHeight,
    headHeight,
  }: {
    scroller: RefObject<HTMLElement | null>
    body: RefObject<HTMLElement | null>
    rowHeight: number
    headHeight: number
  },
): DrawnRows {
  const [drawn, setDrawn] = useState<Drawn>({ first: 0, end: 0 })
  const anchor = useRef<Anchor | null>(null)
  const latest = useRef(rows)
  latest.current = rows

  const scrolled = () => scrollParent(scroller.current)
  function above(): { px: number; viewHeight: number } {
    if (body.current === null) return { px: 0, viewHeight: 0 }
    const parent = scrolled()
    const view =
      parent === document.scrollingElement
        ? { top: 0, bottom: innerHeight }
        : parent.getBoundingClientRect()
    const top = view.top + headHeight
    return { px: top - body.current.getBoundingClientRect().top, viewHeight: view.bottom - top }
  }
  function measure() {
    const { px, viewHeight } = above()
    const index = Math.max(0, Math.floor(px / rowHeight))
    const row = latest.current[index]
    anchor.current = row === undefined || px <= 0 ? null : { id: row.id, index }
    const next = drawnRows({ count: latest.current.length, rowHeight, above: px, viewHeight })
    setDrawn((was) => (was.first === next.first && was.end === next.end ? was : next))
  }

  useLayoutEffect(() => {
    const { current: kept } = anchor
    const index = kept === null ? -1 : rows.findIndex(({ id }) => id === kept.id)
    if (kept !== null && index !== -1 && index !== kept.index)
      scrolled().scrollTop += (index - kept.index) * rowHeight
    measure()
  }, [rows, rowHeight, headHeight])

  useEffect(() => {
    const look = () => measure()
    document.addEventListener('scroll', look, { capture: true, passive: true })
    addEventListener('resize', look)
    return () => {
      document.removeEventListener('scroll', look, { capture: true })
      removeEventListener('resize', look)
    }
  }, [rowHeight, headHeight])

  return {
    drawn: { first: Math.min(drawn.first, rows.length), end: Math.min(drawn.end, rows.length) },
    reveal(index) {
      const { px, viewHeight } = above()
      const top = index * rowHeight
      if (top < px + rowHeight) scrolled().scrollTop += top - px - rowHeight
      else if (top + 2 * rowHeight > px + viewHeight)
        scrolled().scrollTop += top + 2 * rowHeight - px - viewHeight
    },
    scrollTo(top) {
      scrolled().scrollTop = top
    },
    top: () => scrolled().scrollTop,
  }
}

/** The page scrolls on narrow screens, the list by itself on all others. */
function scrollParent(scroller: HTMLElement | null): Element {
  const ofPage = document.scrollingElement ?? document.documentElement
  if (scroller === null) return ofPage
  return getComputedStyle(scroller).overflowY === 'auto' ? scroller : ofPage
}
