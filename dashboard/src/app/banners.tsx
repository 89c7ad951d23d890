import { signal } from '@preact/signals'
import { useEffect, useState } from 'preact/hooks'
import { get } from '../api/request.ts'
import { isApiAway, refreshSession, session } from '../api/session.ts'
import { Icon } from '../parts/icon.tsx'

const ASK_EVERY_MS = 30_000
const WARN_BEFORE_MS = 120_000

/** What parts of the page have to say above it, by a name under which they take it back. */
const said = signal<Readonly<Record<string, string>>>({})

/** Shows `text` above the page; null takes it away. */
export function setBanner(name: string, text: string | null): void {
  const { [name]: earlier, ...others } = said.value
  if (text === (earlier ?? null)) return
  said.value = text === null ? others : { ...others, [name]: text }
}

/** What concerns the whole page: Flint away, the session about to end, a newer page. */
export function Banners() {
  const [loadedBuild] = useState(() => session.value?.buildId)
  const [nowMs, setNowMs] = useState(Date.now())

  useEffect(() => {
    const timer = setInterval(() => {
      setNowMs(Date.now())
      if (!document.hidden) void refreshSession()
    }, ASK_EVERY_MS)
    return () => clearInterval(timer)
  }, [])

  const { idleEndsAt = null, endsAt = null, buildId } = session.value ?? {}
  const idleLeftMs = idleEndsAt === null ? Number.POSITIVE_INFINITY : Date.parse(idleEndsAt) - nowMs
  const leftMs = endsAt === null ? Number.POSITIVE_INFINITY : Date.parse(endsAt) - nowMs
  return (
    <div role="status">
      {isApiAway.value && (
        <p class="banner bad">
          <Icon name="triangle-alert" /> Flint does not answer. What is shown stays; it is asked
          again by itself.
        </p>
      )}
      {Object.entries(said.value).map(([name, text]) => (
        <p key={name} class="banner">
          <Icon name="triangle-alert" /> {text}
        </p>
      ))}
      {leftMs > WARN_BEFORE_MS && idleLeftMs < WARN_BEFORE_MS && (
        <p class="banner">
          <Icon name="clock" /> Signed out in two minutes, because nothing was done here.
          <button type="button" class="button" onClick={() => void stay()}>
            Stay
          </button>
        </p>
      )}
      {leftMs < WARN_BEFORE_MS && (
        <p class="banner">
          <Icon name="clock" /> This session ends in two minutes. Sign in again to go on.
        </p>
      )}
      {loadedBuild !== undefined && buildId !== undefined && buildId !== loadedBuild && (
        <p class="banner">
          <Icon name="refresh-cw" /> Flint was updated.
          <button type="button" class="button" onClick={() => location.reload()}>
            Reload
          </button>
        </p>
      )}
    </div>
  )
}

/** Any request but that for the session's state is a use of it. */
async function stay(): Promise<void> {
  await get('/me')
  await refreshSession()
}
