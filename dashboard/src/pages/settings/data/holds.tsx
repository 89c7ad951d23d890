import { useState } from 'preact/hooks'
import type { Hold, KeyNames } from '../../../api/answers.ts'
import { get } from '../../../api/request.ts'
import { useResource } from '../../../api/resource.ts'
import { me } from '../../../api/session.ts'
import { GuardedButton } from '../../../parts/guarded-button.tsx'
import { Moment } from '../../../parts/moment.tsx'
import { Loaded, Skeleton } from '../../../parts/notices.tsx'
import { whyNot } from '../../../parts/role.ts'
import { ScrollX } from '../../../parts/scroll-x.tsx'
import { VisibleText } from '../../../parts/visible-text.tsx'
import { count, UNKNOWN } from '../../../state/numbers.ts'
import { PlaceHold } from './place-hold.tsx'
import { ReleaseHold } from './release-hold.tsx'

interface HoldsAnswer {
  readonly holds: readonly Hold[]
  readonly keptBeyondRetention: number | null
  readonly names: KeyNames['names']
}

/** What is kept whatever retention and erasure say. */
export function Holds() {
  const resource = useResource('holds', readHolds)
  const [task, setTask] = useState<'place' | Hold | null>(null)
  const close = () => {
    setTask(null)
    resource.retry()
  }
  return (
    <section>
      <header class="toolbar">
        <h2>Legal holds</h2>
        <div class="end">
          <GuardedButton why={whyNot(me.value, 'admin')} onClick={() => setTask('place')}>
            Place a hold…
          </GuardedButton>
        </div>
      </header>
      <Loaded resource={resource} skeleton={<Skeleton height={96} />}>
        {(data) => <HoldsTable {...data} onRelease={setTask} />}
      </Loaded>
      {task === 'place' && <PlaceHold onClose={close} />}
      {task !== null && task !== 'place' && <ReleaseHold hold={task} onClose={close} />}
    </section>
  )
}

async function readHolds(signal: AbortSignal): Promise<HoldsAnswer> {
  const [held, { names }] = await Promise.all([
    get<Omit<HoldsAnswer, 'names'>>('/holds', {}, signal),
    get<KeyNames>('/keys/names', {}, signal),
  ])
  return { ...held, names }
}

function HoldsTable({
  holds,
  keptBeyondRetention,
  names,
  onRelease,
}: HoldsAnswer & { onRelease: (hold: Hold) => void }) {
  if (holds.length === 0)
    return (
      <p class="muted">
        None. A hold keeps what it meets, past retention and against erasure, until it is released.
      </p>
    )
  return (
    <>
      <p class="muted">
        Kept past their retention for a hold alone:{' '}
        {keptBeyondRetention === null ? (
          <span title="Counting took longer than 5 s.">{UNKNOWN}</span>
        ) : (
          count(keptBeyondRetention)
        )}{' '}
        calls.
      </p>
      <ScrollX label="Legal holds">
        <table class="table top">
          <caption class="visually-hidden">Legal holds, newest first</caption>
          <thead>
            <tr>
              <th scope="col">Reason</th>
              <th scope="col">Keeps</th>
              <th scope="col">Placed</th>
              <th scope="col">Released</th>
              <th scope="col">
                <span class="visually-hidden">Actions</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {holds.map((hold) => (
              <tr key={hold.id} class={hold.releasedAt === null ? undefined : 'past'}>
                <td class="prose">
                  <VisibleText text={hold.reason} />
                </td>
                <td class="prose">{keeps(hold)}</td>
                <td>
                  <Moment at={hold.placedAt} to="min" /> by {names[hold.placedBy] ?? hold.placedBy}
                </td>
                <td>
                  {hold.releasedAt === null ? (
                    'in force'
                  ) : (
                    <>
                      <Moment at={hold.releasedAt} to="min" /> by{' '}
                      {names[hold.releasedBy ?? ''] ?? hold.releasedBy}
                      {hold.releaseReason !== null && `: “${hold.releaseReason}”`}
                    </>
                  )}
                </td>
                <td class="number">
                  {hold.releasedAt === null && (
                    <GuardedButton
                      kind="quiet"
                      why={whyNot(me.value, 'admin')}
                      name={`Release the hold “${hold.reason}”`}
                      onClick={() => onRelease(hold)}
                    >
                      Release…
                    </GuardedButton>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollX>
    </>
  )
}

function keeps({ holdsEverything, filter }: Hold): string {
  if (holdsEverything) return 'everything, calls to come too'
  return Object.entries(filter ?? {})
    .map(([name, value]) => `${name}: ${Array.isArray(value) ? value.join(', ') : String(value)}`)
    .join(' · ')
}
