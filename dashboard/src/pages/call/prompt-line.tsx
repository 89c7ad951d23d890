import type { AuditRecord, PromptReads } from '../../api/answers.ts'
import type { Resource } from '../../api/resource.ts'
import { idOf, me } from '../../api/session.ts'
import { Failure } from '../../parts/notices.tsx'
import { whyNot } from '../../parts/role.ts'
import { VisibleText } from '../../parts/visible-text.tsx'
import { count, UNKNOWN } from '../../state/numbers.ts'
import { DAY_MS } from '../../state/range.ts'
import { dateTime } from '../../state/times.ts'
import { contentGapSays } from './reasons.ts'
import { isTextComing } from './use-call.ts'

const SHOWN_READS = 3

/** Whether text is kept, who read it and why, and the way to it. */
export function PromptLine({
  record,
  reads,
  href,
  timeZone,
}: {
  record: AuditRecord
  reads: Resource<PromptReads>
  href: string
  timeZone: string
}) {
  if (record.promptS3Key === null) return <p>{whyNone(record)}</p>
  const forbidden = whyNot(me.value, 'prompts')
  return (
    <>
      <p>
        Prompt and answer are kept, apart from the record{keptUntil(record, timeZone)}.
        {record.contentGap !== null && ` Not all of it: ${contentGapSays(record.contentGap)}.`}
      </p>
      {reads.error !== undefined && <Failure error={reads.error} retry={reads.retry} />}
      <p>
        {reads.data === undefined ? (
          `Read ${UNKNOWN} times`
        ) : (
          <Readers reads={reads.data} timeZone={timeZone} />
        )}
      </p>
      <p class="actions">
        {forbidden === null ? (
          <a class="button" href={href}>
            Read prompt…
          </a>
        ) : (
          <>
            <button type="button" class="button" aria-disabled="true" title={forbidden}>
              Read prompt…
            </button>
            <span class="small muted">{forbidden}</span>
          </>
        )}
      </p>
    </>
  )
}

/** As the settings are now; empty while they are not known. */
function keptUntil({ createdAt }: AuditRecord, timeZone: string): string {
  const days = me.value?.capture?.contentRetentionDays
  if (days === undefined) return ''
  return `, until ${dateTime(Date.parse(createdAt) + days * DAY_MS, timeZone, 'min')}`
}

function Readers({ reads, timeZone }: { reads: PromptReads; timeZone: string }) {
  if (reads.count === 0) return <>Read by no one yet.</>
  const times = reads.count === 1 ? 'once' : `${count(reads.count)} times`
  if (reads.reads === null)
    return <span title="A prompt reader, an auditor or an admin sees by whom.">Read {times}.</span>
  return (
    <>
      Read {times}:{' '}
      {reads.reads.slice(0, SHOWN_READS).map((read, at) => (
        <span key={read.at}>
          {at > 0 && '; '}
          <ReadLine read={read} timeZone={timeZone} />
        </span>
      ))}
      {reads.count > SHOWN_READS && ' …'}
    </>
  )
}

/** `you, 2026-05-04 14:30 “ticket 17”` */
export function ReadLine({
  read,
  timeZone,
}: {
  read: NonNullable<PromptReads['reads']>[number]
  timeZone: string
}) {
  const { actor, actorName, at, reason, attachment } = read
  return (
    <>
      {actor === idOf(me.value) ? 'you' : <VisibleText text={actorName ?? actor} />},{' '}
      {dateTime(Date.parse(at), timeZone, 'min')}
      {attachment !== null && ', an attachment'}{' '}
      {reason === null || reason === '' ? (
        <span class="muted">no reason given</span>
      ) : (
        <>
          “<VisibleText text={reason} />”
        </>
      )}
    </>
  )
}

function whyNone(record: AuditRecord): string {
  const { outcome, promptCapture, contentGap, source } = record
  if (outcome === 'rejected') return 'Nothing was forwarded, and no text is kept.'
  if (source === 'client') return 'The caller reported this call itself; text is not part of that.'
  if (promptCapture !== true) return 'Prompt capture was off when this call came: no text is kept.'
  if (contentGap !== null) return `Its text is not kept: ${contentGapSays(contentGap)}.`
  if (isTextComing(record)) return 'Its text is on its way, if it had any.'
  return 'No text of it is kept.'
}
