import { signal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { away, downParts, followInstallation } from '../api/installation.ts'
import { refreshSession, session } from '../api/session.ts'
import { PARTS } from '../pages/settings/system/parts-of-system.ts'
import { Icon } from '../parts/icon.tsx'
import { time } from '../state/times.ts'
import { useQuery } from '../state/url.ts'
import { zoneOf } from '../state/zone.ts'
import { SessionBanner } from './session-banner.tsx'

const ASK_EVERY_MS = 30_000

/** What parts of the page have to say above it, by a name under which they take it back. */
const said = signal<Readonly<Record<string, string>>>({})

/** Shows `text` above the page; null takes it away. */
export function setBanner(name: string, text: string | null): void {
  const { [name]: earlier, ...others } = said.value
  if (text === (earlier ?? null)) return
  said.value = text === null ? others : { ...others, [name]: text }
}

/** What concerns the whole page: what is away, the session about to end, a newer page. */
export function Banners() {
  useEffect(() => {
    const timer = setInterval(() => {
      if (!document.hidden) void refreshSession()
    }, ASK_EVERY_MS)
    const leave = followInstallation()
    return () => {
      clearInterval(timer)
      leave()
    }
  }, [])

  return (
    <div role="status">
      <AwayBanner />
      {downParts.value.map((part) => (
        <p key={part} class="banner bad">
          <Icon name="triangle-alert" /> {PARTS[part].label} is down. {PARTS[part].whenDown}{' '}
          <a href="/ui/settings/system">System</a>
        </p>
      ))}
      {Object.entries(said.value).map(([name, text]) => (
        <p key={name} class="banner">
          <Icon name="triangle-alert" /> {text}
        </p>
      ))}
      <SessionBanner />
      <NewPage />
    </div>
  )
}

function AwayBanner() {
  const { query } = useQuery()
  if (away.value === null) return null
  const { what, sinceMs } = away.value
  const since = time(sinceMs, zoneOf(query))
  return (
    <p class="banner bad">
      <Icon name="triangle-alert" />
      {what === 'store'
        ? `The store does not answer since ${since}. Calls go on and wait on disk.`
        : `Flint does not answer since ${since}. What is shown stays; it is asked again by itself.`}
    </p>
  )
}

function NewPage() {
  const buildId = session.value?.buildId
  // Not known yet when the banners are first drawn.
  const loaded = useRef<string | undefined>(undefined)
  loaded.current ??= buildId
  if (buildId === loaded.current) return null
  return (
    <p class="banner">
      <Icon name="refresh-cw" /> Flint was updated.
      <button type="button" class="button" onClick={() => location.reload()}>
        Reload
      </button>
    </p>
  )
}
