import { useId } from 'preact/hooks'
import type { AuditEvent, Events, Settings } from '../../../api/answers.ts'
import { get } from '../../../api/request.ts'
import { useResource } from '../../../api/resource.ts'
import { me } from '../../../api/session.ts'
import { Moment } from '../../../parts/moment.tsx'
import { whyNot } from '../../../parts/role.ts'
import { VisibleText } from '../../../parts/visible-text.tsx'
import { InForce } from './in-force.tsx'
import type { Draft } from './settings-changes.ts'

const MOST_EVENTS = 100

/** The switch, who moved it last, and whether it is in force on every gate. */
export function PromptCapture({
  settings,
  changedAtMs,
  onReview,
}: {
  settings: Settings
  changedAtMs: number | null
  onReview: (draft: Draft) => void
}) {
  const id = useId()
  const why = whyNot(me.value, 'admin')
  const { promptCapture: isOn, revision } = settings
  return (
    <section class="panel capture" aria-labelledby={`${id}-label`}>
      <div class="head">
        <h2 id={`${id}-label`}>
          <label for={id}>Prompt capture</label>
        </h2>
        <input
          id={id}
          class="switch"
          type="checkbox"
          role="switch"
          checked={isOn}
          aria-checked={isOn}
          disabled={why !== null}
          title={why ?? undefined}
          aria-describedby={`${id}-means`}
          onClick={(event) => {
            // It shows what is in force: it moves once the change is stored.
            event.preventDefault()
            onReview({ promptCapture: !isOn })
          }}
        />
        <span class={isOn ? 'state on' : 'state'}>{isOn ? 'On' : 'Off'}</span>
        {why !== null && <span class="small muted">{why}</span>}
        <LastChange revision={revision} />
      </div>
      <p id={`${id}-means`} class="muted wide">
        {isOn
          ? 'Previews, hashes and the full text of prompts and answers are stored, as below. Enable it only where they may be.'
          : 'Nothing of any prompt or answer is stored: no preview, no hash, no text.'}
      </p>
      {changedAtMs !== null && (
        <InForce key={changedAtMs} revision={revision} sinceMs={changedAtMs} />
      )}
    </section>
  )
}

function LastChange({ revision }: { revision: number }) {
  const { data } = useResource(`capture changes ${revision}`, lastChange)
  if (data === undefined || data === null) return null
  const by = data.actorName ?? data.actor
  return (
    <span class="small muted end">
      {'changed '}
      <Moment at={data.at} to="min" /> by{' '}
      <a href={`/ui/activity?last=90d&actor=${data.actor}`}>{by}</a>
      {data.reason !== null && (
        <>
          : “<VisibleText text={data.reason} />”
        </>
      )}
    </span>
  )
}

async function lastChange(signal: AbortSignal): Promise<AuditEvent | null> {
  const query = { action: 'settings.changed', limit: MOST_EVENTS }
  const { events } = await get<Events>('/audit/events', query, signal)
  return events.find((event) => event.new !== null && 'promptCapture' in event.new) ?? null
}
