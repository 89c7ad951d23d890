import { useSignal } from '@preact/signals'
import { useEffect, useMemo } from 'preact/hooks'
import { lazy } from 'preact-iso'
import type { Losses, Summary } from '../../api/answers.ts'
import { useKeyNames } from '../../api/key-names.ts'
import { useNewestCall } from '../../api/newest-call.ts'
import { get } from '../../api/request.ts'
import { useResource } from '../../api/resource.ts'
import { Forgotten } from '../../parts/forgotten.tsx'
import { nowMs, rangeOf, rangeQuery, refreshNow } from '../../state/range.ts'
import { useQuery } from '../../state/url.ts'
import { zoneOf } from '../../state/zone.ts'
import { CallsTile } from './calls-tile.tsx'
import { Charts } from './charts.tsx'
import { CostTile } from './cost-tile.tsx'
import { CoverageTile } from './coverage-tile.tsx'
import { EmptyRange } from './empty-range.tsx'
import { ErrorsCard } from './errors-card.tsx'
import { MoversCard } from './movers-card.tsx'
import { OverviewBar } from './overview-bar.tsx'
import { PromptsTile } from './prompts-tile.tsx'
import { apiQuery, questionOf } from './question.ts'
import { TopCard } from './top-card.tsx'

const Start = lazy(() => import('../start/start-page.tsx'))

const REFRESH_EVERY_MS = 30_000
const NO_NAMES = {}
/** As many as there are colours. */
const NAMED_GROUPS = 6

/** What was called, what it cost, how much of it was seen. */
export default function OverviewPage() {
  const { query } = useQuery()
  const range = rangeOf(query, nowMs.value)
  const timeZone = zoneOf(query)
  const question = useMemo(
    () => questionOf(query, range, timeZone),
    [query, timeZone, range.fromMs, range.toMs],
  )
  const cursor = useSignal<number | null>(null)
  useRefresh(range.last !== null)

  const asked = apiQuery(question, {
    groupBy: question.group,
    bucket: question.bucket,
    limit: String(NAMED_GROUPS),
    ...(question.isCompared ? { compare: 'previous' } : {}),
  })
  const summary = useResource(`summary ${asked}`, (signal) =>
    get<Summary>('/audit/summary', asked, signal),
  )
  const within = new URLSearchParams({ ...rangeQuery(range) })
  const losses = useResource(`losses ${within}`, (signal) =>
    get<Losses>('/audit/losses', within, signal),
  )
  const names = useKeyNames(question.group === 'keyId' || question.filters.has('keyId')) ?? NO_NAMES

  const isEmpty = summary.data?.totals.calls === 0
  const newestMs = useNewestCall(isEmpty)

  if (isEmpty && newestMs === null) return <Start />
  // The cards below ask only once the first ones have their answer.
  const isFirstDone = summary.data !== undefined || summary.error !== undefined
  return (
    <>
      <h1 class="visually-hidden">Overview</h1>
      <OverviewBar question={question} summary={summary} names={names} />
      {isEmpty && newestMs != null && <EmptyRange question={question} newestMs={newestMs} />}
      <Forgotten summary={summary.data} timeZone={timeZone} />
      <div class="tiles overview-tiles">
        <CoverageTile losses={losses} question={question} />
        <CostTile summary={summary} question={question} />
        <CallsTile summary={summary} question={question} />
        <PromptsTile timeZone={timeZone} />
      </div>
      <Charts
        summary={summary}
        losses={losses.data}
        question={question}
        cursor={cursor}
        names={names}
      />
      <div class="lower-cards">
        <MoversCard question={question} isReady={isFirstDone} names={names} />
        <ErrorsCard question={question} isReady={isFirstDone} />
        <TopCard question={question} isReady={isFirstDone} />
      </div>
    </>
  )
}

/** Moves a range that ends now, while the page is looked at. */
function useRefresh(isMoving: boolean): void {
  useEffect(() => {
    if (!isMoving) return
    const timer = setInterval(() => {
      if (!document.hidden) refreshNow()
    }, REFRESH_EVERY_MS)
    return () => clearInterval(timer)
  }, [isMoving])
}
