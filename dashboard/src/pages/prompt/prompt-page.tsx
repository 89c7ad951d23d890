import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import { useLocation } from 'preact-iso'
import type { Prompt } from '../../api/answers.ts'
import { ApiError, get } from '../../api/request.ts'
import { useKeys } from '../../app/keys.ts'
import { Icon } from '../../parts/icon.tsx'
import { Notice } from '../../parts/notices.tsx'
import { VisibleText } from '../../parts/visible-text.tsx'
import { time } from '../../state/times.ts'
import { useQuery } from '../../state/url.ts'
import { zoneOf } from '../../state/zone.ts'
import { callHref } from '../call/call-links.ts'
import { useReads } from '../call/use-call.ts'
import { AskFirst } from './ask-first.tsx'
import { ConversationView } from './conversation-view.tsx'
import { rememberReason } from './reasons-given.ts'
import { useGoneAfter } from './use-gone-after.ts'

const GONE_AFTER_MS = 15 * 60_000

interface Read {
  readonly prompt: Prompt
  readonly reason: string
  readonly atMs: number
}

/** Prompt and answer of one call: asks first, shows them as text, and forgets them. */
export default function PromptPage({ id }: { id: string }) {
  const { route } = useLocation()
  const { query } = useQuery()
  const back = callHref(id, query)
  useKeys({ Escape: () => route(back) })
  return (
    <div class="prompt">
      <div class="toolbar call-bar">
        <a class="button quiet" href={back} title="Back to the call (Esc)">
          <Icon name="arrow-left" /> Call
        </a>
      </div>
      {/* Another call is another reading: nothing of the one before stays. */}
      <PromptOf key={id} id={id} back={back} timeZone={zoneOf(query)} />
    </div>
  )
}

function PromptOf({ id, back, timeZone }: { id: string; back: string; timeZone: string }) {
  const reads = useReads(id)
  const [read, setRead] = useState<Read>()
  const [error, setError] = useState<ApiError>()
  const [isBusy, setBusy] = useState(false)
  const [isGone, setGone] = useState(false)
  const asked = useRef<AbortController | null>(null)
  useEffect(() => () => asked.current?.abort(), [])

  async function ask(reason: string) {
    const cancelled = new AbortController()
    asked.current = cancelled
    setBusy(true)
    setError(undefined)
    try {
      const path = `/audit/prompt/${encodeURIComponent(id)}`
      const prompt = await get<Prompt>(path, { include: 'all', reason }, cancelled.signal)
      if (cancelled.signal.aborted) return
      rememberReason(reason)
      setGone(false)
      setRead({ prompt, reason, atMs: Date.now() })
    } catch (failure) {
      if (cancelled.signal.aborted) return
      if (!(failure instanceof ApiError)) throw failure
      setError(failure)
    } finally {
      if (!cancelled.signal.aborted) setBusy(false)
    }
  }
  const forget = () => {
    setRead(undefined)
    setGone(true)
    reads.retry()
  }

  return (
    <>
      <header>
        <h1>Prompt</h1>
        <p class="muted">
          of call <span class="id">{id}</span>
        </p>
      </header>
      {read === undefined ? (
        <AskFirst
          {...{ reads, back, error, isBusy, isGone, timeZone }}
          onRead={(reason) => void ask(reason)}
        />
      ) : (
        <ReadPrompt id={id} read={read} timeZone={timeZone} onGone={forget} />
      )}
    </>
  )
}

function ReadPrompt({
  id,
  read: { prompt, reason, atMs },
  timeZone,
  onGone,
}: {
  id: string
  read: Read
  timeZone: string
  onGone: () => void
}) {
  const [asSent, setAsSent] = useState(false)
  const context = useMemo(() => ({ requestId: id, reason, asSent }), [id, reason, asSent])
  useGoneAfter(GONE_AFTER_MS, onGone)
  return (
    <>
      <div class="read-bar" role="status">
        <span>
          You read this at {time(atMs, timeZone, 'min')} {timeZone}: <VisibleText text={reason} />
        </span>
        <label
          class="check"
          title="Characters that are not drawn stay so, and JSON in its own lines"
        >
          <input
            type="checkbox"
            class="switch"
            checked={asSent}
            onChange={(event) => setAsSent(event.currentTarget.checked)}
          />
          As sent
        </label>
      </div>
      {prompt.messagesGap === 'earlier_format' && (
        <Notice>
          <span>
            Stored by an earlier build, which kept the prompt as one text: who said what in it is
            not known.
          </span>
        </Notice>
      )}
      {prompt.messagesTruncated === true && (
        <Notice kind="warn">
          <span>There were more messages, or texts of tools, than are kept.</span>
        </Notice>
      )}
      <ConversationView key={String(asSent)} prompt={prompt} context={context} />
    </>
  )
}
