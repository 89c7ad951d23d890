import type { ComponentChildren } from 'preact'
import type { AuditRecord } from '../../api/answers.ts'
import { useKeyNames } from '../../api/key-names.ts'
import { Loaded, Notice, Skeleton } from '../../parts/notices.tsx'
import { Outcome } from '../../parts/outcome.tsx'
import { VisibleText } from '../../parts/visible-text.tsx'
import { nowMs } from '../../state/range.ts'
import { ago, dateTime } from '../../state/times.ts'
import { useQuery } from '../../state/url.ts'
import { zoneOf } from '../../state/zone.ts'
import { callsWith, promptHref } from './call-links.ts'
import { EvidenceList } from './evidence-list.tsx'
import { FieldsTable } from './fields-table.tsx'
import { PromptLine } from './prompt-line.tsx'
import { refusalSays } from './reasons.ts'
import { SourcesTable } from './sources-table.tsx'
import { TimelineBar } from './timeline-bar.tsx'
import { UsageTable } from './usage-table.tsx'
import { type Call, type CallAnswer, cameAt, useCall, useReads, useRelated } from './use-call.ts'
import { Who } from './who.tsx'

/** How Flint knows of a call, where it is not the usual way. */
const SOURCES: Readonly<Record<AuditRecord['source'], string | null>> = {
  proxy: null,
  mesh: 'through a mesh',
  client: 'reported by the caller',
  derived: 'found in another answer',
}

/** One call beside the list: all that its page has, in one column. */
export function CallSummary({ requestId }: { requestId: string }) {
  const call = useCall(requestId)
  return <CallView requestId={requestId} call={call} heading="h2" />
}

/** A call as far as it is known: open, or with its record and evidence. */
export function CallView({
  requestId,
  call,
  heading,
}: {
  requestId: string
  call: CallAnswer
  /** What the head line is in the page it stands in. */
  heading: 'h1' | 'h2'
}) {
  return (
    <div class="call">
      <Loaded resource={call} skeleton={<Skeleton height={640} />}>
        {(data) =>
          data === 'open' ? (
            <OpenCall requestId={requestId} heading={heading} />
          ) : (
            <Details call={data} heading={heading} />
          )
        }
      </Loaded>
    </div>
  )
}

function OpenCall({ requestId, heading: Heading }: { requestId: string; heading: 'h1' | 'h2' }) {
  const { query } = useQuery()
  const since = cameAt(requestId)
  return (
    <div class="empty" role="status">
      <Heading>This call is still open</Heading>
      {since !== null && (
        <p>
          Since {dateTime(since, zoneOf(query), 's')} {zoneOf(query)}, {ago(since, Date.now())}.
        </p>
      )}
      <p>Its record is made when it ends. This page asks again every two seconds.</p>
    </div>
  )
}

function Details({ call, heading }: { call: Call; heading: 'h1' | 'h2' }) {
  const { query } = useQuery()
  const timeZone = zoneOf(query)
  const { record, evidence } = call
  const names = useKeyNames()
  const related = useRelated(call)
  const reads = useReads(record.promptS3Key === null ? null : record.requestId)
  const Section = heading === 'h1' ? SectionOfPage : SectionOfPanel
  return (
    <>
      <Head record={record} timeZone={timeZone} heading={heading} />
      {record.outcome !== 'rejected' && (
        <>
          <Section title="Timeline" wide>
            <TimelineBar record={record} evidence={evidence} />
          </Section>
          <Section title="Usage and cost">
            <UsageTable record={record} evidence={evidence} />
          </Section>
          <Section title="Where each number came from">
            <SourcesTable record={record} evidence={evidence} />
          </Section>
        </>
      )}
      <Section title="Who" hint="agent, ids and tags are claimed by the caller, not verified">
        <Who record={record} names={names} related={related} />
      </Section>
      <Section title="Prompt">
        <PromptLine
          record={record}
          reads={reads}
          href={promptHref(record.requestId, query)}
          timeZone={timeZone}
        />
      </Section>
      <Section title="Evidence" hint="the rows that the record is made of, as they arrived" wide>
        <EvidenceList record={record} evidence={evidence} timeZone={timeZone} />
      </Section>
      <details class="wide all-fields">
        <summary>All {Object.keys(record).length} fields</summary>
        <FieldsTable record={record} evidence={evidence} />
      </details>
    </>
  )
}

function Head({
  record,
  timeZone,
  heading: Heading,
}: {
  record: AuditRecord
  timeZone: string
  heading: 'h1' | 'h2'
}) {
  const { provider, endpoint, method, stream, requestId, streamError, errorCode } = record
  const model = record.model ?? record.requestModel
  const cameMs = Date.parse(record.createdAt)
  return (
    <header class="call-head wide">
      <Heading>
        {model === null ? (
          <span class="muted" title="Neither request nor answer names one.">
            Model not known
          </span>
        ) : (
          <VisibleText text={model} />
        )}{' '}
        <span class="muted">
          · <VisibleText text={endpoint ?? 'endpoint not known'} />
        </span>{' '}
        <span class="end">
          <Outcome record={record} />
        </span>
      </Heading>
      <p class="muted">
        {dateTime(cameMs, timeZone, 'ms')} {timeZone} ({ago(cameMs, Math.max(nowMs.value, cameMs))})
        {' · '}
        <a href={callsWith({ provider })}>{provider}</a>
        {method !== null && ` · ${method}`}
        {stream !== null && ` · ${stream ? 'streamed' : 'in one piece'}`}
        {SOURCES[record.source] !== null && ` · ${SOURCES[record.source]}`}
        {' · '}
        <span class="id">{requestId}</span>
      </p>
      {errorCode !== null && (
        <Notice kind="warn">
          <span>
            Flint refused this call, and nothing was forwarded: {refusalSays(errorCode)}{' '}
            <code>{errorCode}</code>
          </span>
        </Notice>
      )}
      {streamError !== null && (
        <p class="bad">
          Error inside the answer: <VisibleText text={streamError} />
        </p>
      )}
    </header>
  )
}

interface SectionProps {
  readonly title: string
  readonly hint?: string
  readonly wide?: boolean
  readonly children: ComponentChildren
}

function SectionOfPage({ title, hint, wide = false, children }: SectionProps) {
  return (
    <section class={`card${wide ? ' wide' : ''}`}>
      <header>
        <h2>{title}</h2>
        {hint !== undefined && <span class="small muted">{hint}</span>}
      </header>
      {children}
    </section>
  )
}

function SectionOfPanel({ title, hint, children }: SectionProps) {
  return (
    <section class="card wide">
      <header>
        <h3>{title}</h3>
        {hint !== undefined && <span class="small muted">{hint}</span>}
      </header>
      {children}
    </section>
  )
}
