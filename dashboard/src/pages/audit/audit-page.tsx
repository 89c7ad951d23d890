import { useEffect, useRef, useState } from 'preact/hooks'
import { lazy, useLocation } from 'preact-iso'
import { useNewestCall } from '../../api/newest-call.ts'
import { useKeys } from '../../app/keys.ts'
import { Dialog } from '../../parts/dialog.tsx'
import { Forgotten } from '../../parts/forgotten.tsx'
import { Failure, Skeleton } from '../../parts/notices.tsx'
import { rangeChanges, refreshNow } from '../../state/range.ts'
import { span } from '../../state/times.ts'
import { changed, useQuery } from '../../state/url.ts'
import { useMedia } from '../../state/use-media.ts'
import { callHref, promptHref } from '../call/call-links.ts'
import { AuditToolbar } from './audit-toolbar.tsx'
import { CallPanel } from './call-panel.tsx'
import { CallsView } from './calls-view.tsx'
import { besidePanel, columnsParameter, resized } from './columns-in-url.ts'
import { EmptyList } from './empty-list.tsx'
import { Facets } from './facets.tsx'
import { FilterChips } from './filter-chips.tsx'
import { textOf } from './filter-text.ts'
import { ResultLine } from './result-line.tsx'
import { SelectionBar } from './selection-bar.tsx'
import { Sparkline } from './sparkline.tsx'
import { useAuditQuery } from './use-audit-query.ts'
import { useCallPages } from './use-call-pages.ts'
import { useFilters } from './use-filters.ts'
import { useLiveCalls } from './use-live-calls.ts'
import { useSummary } from './use-summary.ts'

const Start = lazy(() => import('../start/start-page.tsx'))

/** Every call that Flint has recorded, by filter and time. */
export default function AuditPage() {
  const { route } = useLocation()
  const { query, push, replace, href } = useQuery()
  const audit = useAuditQuery()
  const { range, timeZone, filters, sound, columns, context, openId } = audit
  const edits = useFilters()
  const isNarrow = useMedia('(max-width: 767px)')
  const isWide = useMedia('(min-width: 1200px)')
  const isPanelOpen = openId !== null && isWide
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set())
  const [areFacetsOpen, setFacetsOpen] = useState(!isNarrow)
  useEffect(() => setFacetsOpen(!isNarrow), [isNarrow])
  const calm = useRef(() => false)

  const list = useCallPages(audit.listQuery, audit.around)
  const isEmpty =
    list.isReady && !list.isStale && list.error === undefined && list.records.length === 0
  const newestMs = useNewestCall(isEmpty)
  // It stays until it is left: a key that was made there is shown once.
  const isFirstRun = isEmpty && newestMs === null
  const live = useLiveCalls(audit.liveQuery, {
    isOn: audit.isLive && list.isReady && !isFirstRun,
    isCalm: () =>
      list.records.length === 0 || (selected.size === 0 && openId === null && calm.current()),
    list,
    readAgain() {
      refreshNow()
      replace({ around: null })
    },
  })
  const { summary, counted, isStale } = useSummary({
    ...{ filters: sound, range, timeZone },
    arrived: live.arrived,
  })

  const ofList = changed(query, { call: null, around: null })
  const hrefOf = (id: string) => callHref(id, ofList)
  const setRange = (fromMs: number, toMs: number) =>
    push({ ...rangeChanges({ fromMs, toMs, last: null }), around: null, call: null })
  const close = () => replace({ call: null })
  function open(id: string) {
    if (!isWide) route(hrefOf(id))
    else if (openId === null) push({ call: id })
    else replace({ call: id })
  }
  function select(id: string) {
    const next = new Set(selected)
    if (!next.delete(id)) next.add(id)
    setSelected(next)
  }
  function toggleLive() {
    if (range.last === null) return
    if (!audit.isLive) refreshNow()
    replace({ live: audit.isLive ? 'off' : null })
  }
  function enterNew() {
    live.enter()
    document.querySelector('.calls-scroller')?.scrollTo(0, 0)
    if (isNarrow) scrollTo(0, 0)
  }
  useKeys({ l: toggleLive })

  const of = filters.length === 0 ? '' : ` of ${textOf(filters)}`
  const facets = areFacetsOpen && (
    <Facets
      {...{ filters, sound, timeZone, range: counted, onChange: edits.set }}
      keyNames={context.keyNames}
    />
  )
  if (isFirstRun) return <Start />
  return (
    <div class="audit">
      <h1 class="visually-hidden">Audit</h1>
      {list.isLoading && <div class="progress" aria-hidden="true" />}
      <AuditToolbar
        {...{ audit, isNarrow, areFacetsOpen }}
        records={list.records}
        calls={summary.data?.totals.calls}
        onFacets={() => setFacetsOpen(!areFacetsOpen)}
        onCommit={edits.commit}
      />
      <FilterChips
        filters={filters}
        problems={edits.problems}
        onRemove={edits.remove}
        onDismiss={edits.dismiss}
      />
      <div class="audit-body">
        {facets !== false && !isNarrow && (
          <aside class="facets" aria-label="Facets">
            {facets}
          </aside>
        )}
        <section class="audit-list" aria-label="Calls">
          <ResultLine
            summary={summary.data}
            isStale={isStale}
            live={live.state}
            canBeLive={range.last !== null}
            waiting={live.waiting}
            unpricedHref={href({ costStatus: 'unpriced', call: null, around: null })}
            onLive={toggleLive}
            onEnter={enterNew}
          >
            {summary.data !== undefined && (
              <Sparkline buckets={summary.data.buckets} timeZone={timeZone} onRange={setRange} />
            )}
          </ResultLine>
          <Forgotten summary={summary.data} timeZone={timeZone} />
          <SelectionBar selected={selected} onClear={() => setSelected(new Set())} />
          {list.error !== undefined && <Failure error={list.error} retry={list.reload} />}
          {summary.error !== undefined && <Failure error={summary.error} retry={summary.retry} />}
          {!list.isReady && list.error === undefined && <Skeleton height={640} />}
          {isEmpty && (
            <EmptyList
              {...{ filters: sound, range, timeZone, onRange: setRange, onRemove: edits.remove }}
              newestMs={newestMs ?? undefined}
            />
          )}
          {list.isReady && !isEmpty && (
            <CallsView
              {...{ list, isNarrow, selected, calm }}
              query={audit}
              columns={isPanelOpen ? besidePanel(columns) : columns}
              onWidth={(id, px) => replace({ cols: columnsParameter(resized(columns, id, px)) })}
              callHref={hrefOf}
              promptHref={(id) => promptHref(id, ofList)}
              caption={`Calls${of}, ${span(range.fromMs, range.toMs, timeZone)}, newest first, times in ${timeZone}`}
              onSelect={select}
              onOpen={open}
              onEscape={() => (openId === null ? setSelected(new Set()) : close())}
            />
          )}
        </section>
        {isPanelOpen && <CallPanel id={openId} href={hrefOf(openId)} onClose={close} />}
      </div>
      {facets !== false && isNarrow && (
        <Dialog title="Facets" onClose={() => setFacetsOpen(false)}>
          <div class="facets">{facets}</div>
          <button type="button" class="button primary" onClick={() => setFacetsOpen(false)}>
            Show calls
          </button>
        </Dialog>
      )}
    </div>
  )
}
