import { useEffect, useRef, useState } from 'preact/hooks'
import { useLocation } from 'preact-iso'
import { placeOfId } from '../../api/find-call.ts'
import { ApiError } from '../../api/request.ts'
import { useKeys } from '../../app/keys.ts'
import { copyText } from '../../parts/copy.tsx'
import { Dialog } from '../../parts/dialog.tsx'
import { Icon } from '../../parts/icon.tsx'
import { Failure, Skeleton } from '../../parts/notices.tsx'
import { RangePicker } from '../../parts/range-picker.tsx'
import { rangeChanges, refreshNow } from '../../state/range.ts'
import { span } from '../../state/times.ts'
import { changed, pageUrl, useQuery } from '../../state/url.ts'
import { useMedia } from '../../state/use-media.ts'
import { callHref as hrefOfCall } from '../call/call-links.ts'
import { looksLikeId } from './any-id.ts'
import { CallPanel } from './call-panel.tsx'
import { CallsView } from './calls-view.tsx'
import { besidePanel, exportFields } from './columns.ts'
import { ColumnsMenu } from './columns-menu.tsx'
import { EmptyList } from './empty-list.tsx'
import { ExportMenu } from './export-menu.tsx'
import { Facets } from './facets.tsx'
import { FilterBox } from './filter-box.tsx'
import { FilterChips, type Problem } from './filter-chips.tsx'
import { type Filter, parseText, textOf } from './filter-text.ts'
import { filterChanges, rangedQuery } from './list-query.ts'
import { MoreMenu } from './more-menu.tsx'
import { ResultLine } from './result-line.tsx'
import { SelectionBar } from './selection-bar.tsx'
import { Sparkline } from './sparkline.tsx'
import { useAuditQuery } from './use-audit-query.ts'
import { useCallPages } from './use-call-pages.ts'
import { useLiveCalls } from './use-live-calls.ts'
import { useSummary } from './use-summary.ts'
import { ViewsMenu } from './views-menu.tsx'

const BARE = 'is in no field; prompts are not searchable: filter by promptHash'

/** Every call that Flint has recorded, by filter and time. */
export default function AuditPage() {
  const { route, path } = useLocation()
  const { query, push, replace, href } = useQuery()
  const audit = useAuditQuery()
  const { range, timeZone, filters, sound, columns, context, openId } = audit
  const isNarrow = useMedia('(max-width: 767px)')
  const isWide = useMedia('(min-width: 1200px)')
  const [problems, setProblems] = useState<readonly Problem[]>([])
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set())
  const [areFacetsOpen, setFacetsOpen] = useState(!isNarrow)
  useEffect(() => setFacetsOpen(!isNarrow), [isNarrow])
  const toolbar = useRef<HTMLDivElement>(null)
  const calm = useRef(() => false)

  const list = useCallPages(audit.listQuery, audit.around)
  const live = useLiveCalls(audit.liveQuery, {
    isOn: audit.isLive && list.isReady,
    isCalm: () => selected.size === 0 && openId === null && calm.current(),
    list,
  })
  const { summary, counted, isStale } = useSummary({
    ...{ filters: sound, range, timeZone },
    arrived: live.arrived,
  })

  const setFilters = (next: readonly Filter[]) => push(filterChanges(query, next))
  const setRange = (fromMs: number, toMs: number) =>
    push({ ...rangeChanges({ fromMs, toMs, last: null }), around: null, call: null })
  async function commit(text: string, by: 'enter' | 'blur') {
    const parsed = parseText(text)
    const [id] = parsed.bare
    if (by === 'enter' && parsed.bare.length === 1 && id !== undefined && looksLikeId(id)) {
      const place = await attempted(placeOfId(id))
      if (place != null) return route(place)
      return setProblems([{ text: id, why: 'is the id of no call' }])
    }
    setProblems([...parsed.problems, ...parsed.bare.map((one) => ({ text: one, why: BARE }))])
    if (textOf(parsed.filters) !== textOf(filters)) setFilters(parsed.filters)
  }
  function open(id: string) {
    if (!isWide) route(callHref(id))
    else if (openId === null) push({ call: id })
    else replace({ call: id })
  }
  function select(id: string) {
    const next = new Set(selected)
    if (!next.delete(id)) next.add(id)
    setSelected(next)
  }
  const close = () => replace({ call: null })
  const callHref = (id: string) => hrefOfCall(id, changed(query, { call: null, around: null }))
  const isPanelOpen = openId !== null && isWide
  const exactLink = () => {
    const ends = rangeChanges({ ...range, last: null })
    return new URL(pageUrl(path, changed(query, { ...ends, tz: timeZone })), location.href).href
  }
  const press = (name: string) => () =>
    toolbar.current?.querySelector<HTMLElement>(`[data-menu="${name}"] > button`)?.click()
  useKeys({
    t: press('range'),
    v: press('views'),
    x: press('export'),
    f: () => setFacetsOpen(!areFacetsOpen),
    l: toggleLive,
    y: () => void copyText(exactLink(), 'link'),
  })
  function toggleLive() {
    if (range.last === null) return
    if (!audit.isLive) refreshNow()
    replace({ live: audit.isLive ? 'off' : null })
  }
  function enterNew() {
    if (audit.around !== null) {
      refreshNow()
      replace({ around: null })
    } else live.enter()
    document.querySelector('.calls-scroller')?.scrollTo(0, 0)
    if (isNarrow) scrollTo(0, 0)
  }

  const tags = [...new Set(list.records.flatMap((record) => Object.keys(record.tags ?? {})))]
  const facets = (
    <Facets
      {...{ filters, sound, timeZone, onChange: setFilters, range: counted }}
      keyNames={context.keyNames}
    />
  )
  const caption = `Calls${filters.length === 0 ? '' : ` of ${textOf(filters)}`}, ${span(range.fromMs, range.toMs, timeZone)}, newest first, times in ${timeZone}`
  const isEmpty = !list.isStale && list.error === undefined && list.records.length === 0
  return (
    <div class="audit">
      <h1 class="visually-hidden">Audit</h1>
      {list.isLoading && <div class="progress" aria-hidden="true" />}
      <div class="toolbar" ref={toolbar}>
        <FilterBox
          text={textOf(filters)}
          query={rangedQuery(sound, range, timeZone)}
          keyNames={context.keyNames}
          onCommit={(text, by) => void commit(text, by)}
        />
        <button
          type="button"
          class="button"
          aria-label="Facets"
          aria-expanded={areFacetsOpen}
          title="Facets (f)"
          onClick={() => setFacetsOpen(!areFacetsOpen)}
        >
          <Icon name="sliders-horizontal" />
        </button>
        <span data-menu="range">
          <RangePicker />
        </span>
        {!isNarrow && <ColumnsMenu {...{ columns, tags, onChange: (cols) => push({ cols }) }} />}
        <span data-menu="views">
          <ViewsMenu query={query} />
        </span>
        <span data-menu="export">
          <ExportMenu
            {...{ timeZone, calls: summary.data?.totals.calls }}
            fields={exportFields(columns)}
            query={rangedQuery(sound, range, timeZone)}
          />
        </span>
        <MoreMenu
          query={audit.listQuery}
          exactLink={exactLink()}
          relativeLink={range.last === null ? null : new URL(href({}), location.href).href}
        />
      </div>
      <FilterChips
        {...{ filters, problems }}
        onRemove={(term) => setFilters(filters.filter((one) => !term.filters.includes(one)))}
        onDismiss={(problem) => setProblems(problems.filter((one) => one !== problem))}
      />
      <div class="audit-body">
        {areFacetsOpen && !isNarrow && (
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
            unpricedHref={href({ costStatus: 'unpriced', call: null })}
            onLive={toggleLive}
            onEnter={enterNew}
          >
            {summary.data !== undefined && (
              <Sparkline buckets={summary.data.buckets} timeZone={timeZone} onRange={setRange} />
            )}
          </ResultLine>
          <SelectionBar selected={selected} onClear={() => setSelected(new Set())} />
          {list.error !== undefined && <Failure error={list.error} retry={list.reload} />}
          {summary.error !== undefined && <Failure error={summary.error} retry={summary.retry} />}
          {!list.isReady && list.error === undefined && <Skeleton height={640} />}
          {isEmpty && list.isReady && (
            <EmptyList
              {...{ filters: sound, range, timeZone, onRange: setRange }}
              onRemove={(term) => setFilters(filters.filter((one) => !term.filters.includes(one)))}
            />
          )}
          {list.isReady && !isEmpty && (
            <CallsView
              {...{ list, isNarrow, selected, caption, calm }}
              query={audit}
              columns={isPanelOpen ? besidePanel(columns) : columns}
              callHref={callHref}
              onSelect={select}
              onOpen={open}
              onEscape={() => (openId === null ? setSelected(new Set()) : close())}
            />
          )}
        </section>
        {isPanelOpen && <CallPanel id={openId} href={callHref(openId)} onClose={close} />}
      </div>
      {areFacetsOpen && isNarrow && (
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

/** undefined where it failed for a reason that is no answer; the chip says the rest. */
async function attempted<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    return undefined
  }
}
