import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks'
import { useLocation } from 'preact-iso'
import { useKeys } from '../../app/keys.ts'
import { copyText } from '../../parts/copy.tsx'
import { preferences } from '../../state/preferences.ts'
import { CallTable, useFocusOf } from './call-table.tsx'
import type { Column } from './columns.ts'
import { callBeside, rowsOf } from './rows.ts'
import type { AuditQuery } from './use-audit-query.ts'
import type { CallList } from './use-call-pages.ts'
import { useDrawnRows } from './use-drawn-rows.ts'

const ROW_HEIGHTS = { compact: 28, normal: 32, roomy: 40 } as const
const NARROW_ROW_HEIGHT = 56
const HEAD_HEIGHT = 33
/** Further rows are asked for when so many are left. */
const AHEAD = 64
const A_SCREEN = 20

/** Where the last list was scrolled to. */
let lastPlace: { readonly list: string; readonly top: number } | null = null

interface CallsViewProps {
  readonly query: AuditQuery
  readonly columns: readonly Column[]
  readonly onWidth: (id: string, px: number | null) => void
  readonly callHref: (id: string) => string
  /** Of the page that shows a prompt, once it was asked for. */
  readonly promptHref: (id: string) => string
  readonly list: CallList
  readonly isNarrow: boolean
  readonly selected: ReadonlySet<string>
  readonly onSelect: (id: string) => void
  readonly onOpen: (id: string) => void
  readonly onEscape: () => void
  /** Says whether the reader is at the top, with nothing focused or hovered. */
  readonly calm: { current: () => boolean }
  readonly caption: string
}

/** The scrolling table and its keys. */
export function CallsView(props: CallsViewProps) {
  const {
    query,
    columns,
    onWidth,
    callHref,
    promptHref,
    list,
    isNarrow,
    selected,
    onSelect,
    onOpen,
    onEscape,
    calm,
    caption,
  } = props
  const { context, openId, listQuery, around } = query
  const { route } = useLocation()
  const scroller = useRef<HTMLDivElement>(null)
  const body = useRef<HTMLTableSectionElement>(null)
  const [currentId, setCurrentId] = useState<string | null>(openId)
  const [focusRequest, setFocusRequest] = useState(0)
  const rows = useMemo(() => rowsOf(list.records, context.timeZone), [list.pages, context.timeZone])
  const rowHeight = isNarrow ? NARROW_ROW_HEIGHT : ROW_HEIGHTS[preferences.value.density]
  const { drawn, reveal, scrollTo, top } = useDrawnRows(rows, {
    ...{ scroller, body, rowHeight },
    headHeight: HEAD_HEIGHT,
  })
  useFocusOf(currentId, focusRequest, drawn)

  calm.current = () =>
    top() === 0 && body.current?.matches(':hover') !== true && !hasFocus(body.current)

  useEffect(() => {
    if (list.isStale) return
    if (drawn.end > rows.length - AHEAD) list.loadOlder()
    if (drawn.first < AHEAD) list.loadNewer()
  }, [drawn, list.pages, list.isStale])

  const listName = `${listQuery} ${around}`
  useLayoutEffect(() => {
    if (list.isStale) return
    const asked = around === null ? -1 : rows.findIndex(({ id }) => id === around)
    if (lastPlace?.list === listName) scrollTo(lastPlace.top)
    else if (asked === -1) scrollTo(0)
    else reveal(asked)
    const keep = () => {
      lastPlace = { list: listName, top: top() }
    }
    document.addEventListener('scroll', keep, { capture: true, passive: true })
    return () => document.removeEventListener('scroll', keep, { capture: true })
  }, [listName, list.isStale])

  function go(steps: number) {
    const next = callBeside(rows, currentId, steps)
    if (next === null) return
    setCurrentId(next)
    setFocusRequest(focusRequest + 1)
    reveal(rows.findIndex(({ id }) => id === next))
    if (openId !== null) onOpen(next)
  }
  const withCurrent = (act: (id: string) => void) => () => {
    const id = currentId ?? openId
    if (id !== null) act(id)
  }
  useKeys({
    j: () => go(1),
    k: () => go(-1),
    '[': () => go(-A_SCREEN),
    ']': () => go(A_SCREEN),
    o: withCurrent((id) => route(callHref(id))),
    p: withCurrent((id) => route(promptHref(id))),
    s: withCurrent(onSelect),
    c: withCurrent((id) => void copyText(id, 'id')),
    Escape: onEscape,
  })

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: keys of the rows in it.
    <div
      ref={scroller}
      class={`calls-scroller${list.isStale ? ' stale' : ''}`}
      onKeyDown={(event) => {
        const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
        if (step === undefined || !hasFocus(body.current)) return
        event.preventDefault()
        go(step)
      }}
    >
      <CallTable
        {...{ rows, drawn, rowHeight, body, columns, context, isNarrow, openId, selected, caption }}
        onWidth={onWidth}
        isWhole={!list.hasOlder && list.isAtNewest}
        currentId={currentId ?? rows.find((row) => 'record' in row)?.id ?? null}
        actions={{
          href: callHref,
          select: onSelect,
          focus: setCurrentId,
          open: (id) => {
            setCurrentId(id)
            onOpen(id)
          },
        }}
      />
      {list.hasOlder && !list.isStale && (
        <p class="small muted more" aria-hidden={!list.isLoading}>
          {list.isLoading ? 'Older calls are on their way …' : ''}
        </p>
      )}
    </div>
  )
}

function hasFocus(element: HTMLElement | null): boolean {
  return element?.contains(document.activeElement) === true
}
