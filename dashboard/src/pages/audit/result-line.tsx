import type { ComponentChildren } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { Summary } from '../../api/answers.ts'
import { Icon } from '../../parts/icon.tsx'
import { count, dollars } from '../../state/numbers.ts'
import type { LiveState } from './live-stream.ts'

type Cost = NonNullable<Summary['totals']['cost']>

const SAID_EVERY_MS = 10_000

const LIVE: Readonly<Record<LiveState, readonly [label: string, title: string]>> = {
  connecting: ['connecting', 'The live stream is being opened.'],
  streaming: ['live', 'New calls come by themselves. Switch off: l'],
  polling: ['every 5 s', 'The live stream failed three times: new calls are asked for every 5 s.'],
  away: ['store away', 'The store does not answer: what comes meanwhile follows.'],
}

/** How many calls, what they cost, and whether new ones come by themselves. */
export function ResultLine({
  summary,
  isStale,
  live,
  canBeLive,
  waiting,
  unpricedHref,
  onLive,
  onEnter,
  children,
}: {
  summary: Summary | undefined
  isStale: boolean
  live: LiveState | null
  /** The range ends now. */
  canBeLive: boolean
  waiting: string | null
  unpricedHref: string
  onLive: () => void
  onEnter: () => void
  /** The calls over time. */
  children: ComponentChildren
}) {
  const { calls, cost } = summary?.totals ?? {}
  const unpriced = cost?.unpriced.calls ?? 0
  const priced = (cost?.exact.calls ?? 0) + (cost?.estimated.calls ?? 0)
  return (
    <div class="result-line">
      <p class={isStale ? 'stale' : undefined}>
        <strong>{count(calls)}</strong> {calls === 1 ? 'call' : 'calls'}
        {cost !== undefined && priced > 0 && (
          <span class="muted" title={costTitle(cost)}>
            {cost.estimated.calls > 0 ? ' · ~' : ' · '}
            {dollars(cost.exact.usd + cost.estimated.usd)}
          </span>
        )}
        {unpriced > 0 && (
          <>
            {priced > 0 ? ' + ' : ' · '}
            <a href={unpricedHref}>{count(unpriced)} unpriced</a>
          </>
        )}
      </p>
      <LiveButton {...{ live, canBeLive, onLive }} />
      {children}
      {waiting !== null && (
        <button type="button" class="button pill" onClick={onEnter}>
          {waiting} <Icon name="arrow-up" />
        </button>
      )}
      <Said
        text={calls === undefined ? '' : `${count(calls)} calls${waiting ? `, ${waiting}` : ''}`}
      />
    </div>
  )
}

function LiveButton({
  live,
  canBeLive,
  onLive,
}: {
  live: LiveState | null
  canBeLive: boolean
  onLive: () => void
}) {
  if (!canBeLive)
    return (
      <span class="badge" title="Only a range that ends now is live.">
        not live
      </span>
    )
  const [label, title] = live === null ? ['paused', 'Switch on: l'] : LIVE[live]
  return (
    <button
      type="button"
      class="button live"
      aria-pressed={live !== null}
      title={title}
      onClick={onLive}
    >
      <span class={`dot ${live ?? 'off'}`} /> {label}
    </button>
  )
}

function costTitle({ exact, estimated, unpriced }: Cost): string {
  return [
    `${dollars(exact.usd)} exact (${count(exact.calls)} calls)`,
    `${dollars(estimated.usd)} estimated (${count(estimated.calls)})`,
    `${count(unpriced.calls)} calls without a price`,
  ].join(', ')
}

/** Says a text to screen readers, not more often than every 10 s. */
function Said({ text }: { text: string }) {
  const [said, say] = useState(text)
  const latest = useRef(text)
  latest.current = text
  useEffect(() => {
    const timer = setInterval(() => say(latest.current), SAID_EVERY_MS)
    return () => clearInterval(timer)
  }, [])
  return (
    <span class="visually-hidden" role="status">
      {said}
    </span>
  )
}
