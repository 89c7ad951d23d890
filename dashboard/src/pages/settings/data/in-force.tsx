import { useEffect, useState } from 'preact/hooks'
import type { System } from '../../../api/answers.ts'
import { get } from '../../../api/request.ts'
import { useResource } from '../../../api/resource.ts'
import { Icon } from '../../../parts/icon.tsx'
import { time } from '../../../state/times.ts'
import { useQuery } from '../../../state/url.ts'
import { zoneOf } from '../../../state/zone.ts'

/** Gates read settings anew within this time. */
const WITHIN_MS = 60_000
const ASK_EVERY_MS = 2_000

/** Until when a change is in force on every gate, then on how many of them it is. */
export function InForce({ revision, sinceMs }: { revision: number; sinceMs: number }) {
  const { query } = useQuery()
  const { data, retry } = useResource(`gates ${revision}`, (signal) =>
    get<System>('/system', {}, signal),
  )
  const [nowMs, setNowMs] = useState(Date.now())
  const gates = data?.settingsSeenBy ?? null
  const seen = gates?.filter((gate) => gate.revision >= revision).length ?? 0
  const isEverywhere = gates !== null && gates.length > 0 && seen === gates.length
  useEffect(() => {
    if (isEverywhere) return
    const timer = setInterval(() => {
      setNowMs(Date.now())
      retry()
    }, ASK_EVERY_MS)
    return () => clearInterval(timer)
  }, [isEverywhere])

  const by = time(sinceMs + WITHIN_MS, zoneOf(query))
  const isLate = !isEverywhere && nowMs > sinceMs + WITHIN_MS
  return (
    <p class={`in-force ${isEverywhere ? 'good' : isLate ? 'warn' : ''}`} role="status">
      <Icon name={isEverywhere ? 'check' : 'clock'} />
      {isEverywhere ? 'In force on every gate' : `In force on every gate by ${by}`}
      {gates !== null && gates.length > 0 && (
        <span>
          · {seen} of {gates.length} {gates.length === 1 ? 'gate' : 'gates'}
        </span>
      )}
      {gates !== null && gates.length === 0 && <span>· no gate has reported yet</span>}
      {isLate && (
        <span>
          · a gate is late: see <a href="/ui/settings/system">System</a>
        </span>
      )}
    </p>
  )
}
