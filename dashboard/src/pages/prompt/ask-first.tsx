import { useState } from 'preact/hooks'
import type { PromptReads } from '../../api/answers.ts'
import type { ApiError } from '../../api/request.ts'
import type { Resource } from '../../api/resource.ts'
import { me } from '../../api/session.ts'
import { Failure, Loaded, Notice, Skeleton } from '../../parts/notices.tsx'
import { whyNot } from '../../parts/role.ts'
import { VisibleText } from '../../parts/visible-text.tsx'
import { count } from '../../state/numbers.ts'
import { ReadLine } from '../call/prompt-line.tsx'
import { MAX_REASON, MIN_REASON, reasonsGiven } from './reasons-given.ts'

/** Before anything of a prompt is loaded: who read it, that reading is recorded, and why it is read. */
export function AskFirst({
  reads,
  back,
  error,
  isBusy,
  isGone,
  timeZone,
  onRead,
}: {
  reads: Resource<PromptReads>
  back: string
  error: ApiError | undefined
  isBusy: boolean
  /** It was read, and is gone from this page again. */
  isGone: boolean
  timeZone: string
  onRead: (reason: string) => void
}) {
  const [reason, setReason] = useState('')
  const forbidden = whyNot(me.value, 'prompts')
  const left = MIN_REASON - reason.trim().length
  return (
    <>
      {isGone && (
        <Notice>
          <span>Nothing was done here for 15 minutes: the text is gone from this page.</span>
        </Notice>
      )}
      <p>
        Reading is recorded: you, now, the reason. Admins see it in Activity; everyone who opens
        this call sees it too.
      </p>
      <section>
        <h2>Earlier reads</h2>
        <Loaded resource={reads} skeleton={<Skeleton height={24} />}>
          {(earlier) => <Earlier reads={earlier} timeZone={timeZone} />}
        </Loaded>
      </section>
      {error !== undefined && <Failure error={error} />}
      <form
        class="panel"
        onSubmit={(event) => {
          event.preventDefault()
          if (left <= 0 && forbidden === null && !isBusy) onRead(reason.trim())
        }}
      >
        <label class="field">
          <span>Why you read it, at least {MIN_REASON} characters</span>
          <input
            class="input"
            autocomplete="off"
            maxLength={MAX_REASON}
            required
            disabled={forbidden !== null}
            placeholder="ticket 4711: answer in the wrong language"
            value={reason}
            onInput={(event) => setReason(event.currentTarget.value)}
          />
        </label>
        {reasonsGiven.value.length > 0 && (
          <p class="given">
            <span class="small muted">As before:</span>
            {reasonsGiven.value.map((given) => (
              <button key={given} type="button" class="button" onClick={() => setReason(given)}>
                <span class="ellipsis">
                  <VisibleText text={given} />
                </span>
              </button>
            ))}
          </p>
        )}
        <div class="actions">
          <button
            type="submit"
            class="button primary"
            disabled={left > 0 || forbidden !== null || isBusy}
            title={forbidden ?? undefined}
          >
            Read
          </button>
          <a class="button" href={back}>
            Back
          </a>
          {forbidden !== null && <span class="small muted">{forbidden}</span>}
        </div>
      </form>
    </>
  )
}

function Earlier({ reads, timeZone }: { reads: PromptReads; timeZone: string }) {
  if (reads.count === 0) return <p class="muted">Read by no one yet.</p>
  if (reads.reads === null)
    return (
      <p class="muted">
        {count(reads.count)} {reads.count === 1 ? 'read' : 'reads'}. A prompt reader, an auditor or
        an admin sees by whom.
      </p>
    )
  const more = reads.count - reads.reads.length
  return (
    <ul class="reads">
      {reads.reads.map((read) => (
        <li key={`${read.at} ${read.actor}`}>
          <ReadLine read={read} timeZone={timeZone} />
        </li>
      ))}
      {more > 0 && <li class="muted">and {count(more)} earlier ones</li>}
    </ul>
  )
}
