import { useEffect, useState } from 'preact/hooks'
import { get } from '../api/request.ts'
import { refreshSession, session } from '../api/session.ts'
import { Icon } from '../parts/icon.tsx'
import { time } from '../state/times.ts'
import { useQuery } from '../state/url.ts'
import { zoneOf } from '../state/zone.ts'

const WARN_BEFORE_MS = 120_000

/** Says two minutes before that the session ends, and asks at its end whether it has. */
export function SessionBanner() {
  const { query } = useQuery()
  const { signedIn = false, idleEndsAt = null, endsAt = null } = session.value ?? {}
  const [isNear, setNear] = useState(false)
  useEffect(() => {
    if (!signedIn || idleEndsAt === null) return
    const leftMs = Date.parse(idleEndsAt) - Date.now()
    setNear(leftMs <= WARN_BEFORE_MS)
    const warning = setTimeout(() => {
      // It may have been used meanwhile.
      void refreshSession()
      setNear(true)
    }, leftMs - WARN_BEFORE_MS)
    const end = setTimeout(() => void refreshSession(), leftMs + 1_000)
    return () => {
      clearTimeout(warning)
      clearTimeout(end)
    }
  }, [signedIn, idleEndsAt])

  if (!signedIn || !isNear || idleEndsAt === null) return null
  const at = `${time(Date.parse(idleEndsAt), zoneOf(query), 's')} ${zoneOf(query)}`
  return (
    <p class="banner">
      <Icon name="clock" />
      {idleEndsAt === endsAt ? (
        `This session ends at ${at}. You can sign in again then.`
      ) : (
        <>
          You are signed out at {at}, because nothing was done here.
          <button type="button" class="button" onClick={() => void stay()}>
            Stay
          </button>
        </>
      )}
    </p>
  )
}

/** Any request but that for the session's state is a use of it. */
async function stay(): Promise<void> {
  await get('/me')
  await refreshSession()
}
