import type { AuditEvent } from '../../api/answers.ts'
import { Icon } from '../../parts/icon.tsx'
import { Moment } from '../../parts/moment.tsx'
import { VisibleText } from '../../parts/visible-text.tsx'
import { useQuery } from '../../state/url.ts'
import { type ChangedField, changedFields, fieldText } from './changed-fields.ts'
import { deed, givenReason } from './deeds.ts'
import { SubjectLink } from './subject-link.tsx'

const VIA: Readonly<Record<AuditEvent['via'], string>> = {
  dashboard: 'dashboard',
  api: 'API',
  gate: 'gate',
  cli: 'command line',
  flint: 'by itself',
}

export function EventRow({
  event,
  names,
  isInside = false,
}: {
  event: AuditEvent
  names: Readonly<Record<string, string>>
  /** One of several reads that are shown below their sum. */
  isInside?: boolean
}) {
  return (
    <tr class={isInside ? 'inside' : undefined}>
      <td>
        <Moment at={event.at} />
      </td>
      <td>{!isInside && <Who event={event} />}</td>
      <td>{deed(event)}</td>
      <td class="subject">
        <SubjectLink event={event} names={names} />
      </td>
      <td class="prose">
        <VisibleText text={givenReason(event) ?? ''} />
      </td>
      <td class="prose changes">
        <Changes fields={changedFields(event)} isNew={event.old === null} />
      </td>
    </tr>
  )
}

/** Name, key and door of who did it; the name filters. */
export function Who({ event }: { event: AuditEvent }) {
  const { href } = useQuery()
  const { actor, actorName, actorKind, via } = event
  const name = actorName ?? ACTOR_NAMES[actorKind] ?? actor
  return (
    <>
      {actor === '' ? (
        <span title="No key of the organisation was shown">not known</span>
      ) : (
        <a href={href({ actor })} title={`Only what ${actor} did`}>
          <VisibleText text={name} />
        </a>
      )}{' '}
      {actorKind === 'key' && actorName !== null && (
        <span class="id muted">{actor.slice(0, 12)}… </span>
      )}
      <span class="small muted">{VIA[via]}</span>
    </>
  )
}

/** Of those that have no name of their own. */
const ACTOR_NAMES: Readonly<Partial<Record<AuditEvent['actorKind'], string>>> = {
  operator: 'the operator',
  cli: 'on the machine',
  flint: 'Flint',
}

function Changes({ fields, isNew }: { fields: readonly ChangedField[]; isNew: boolean }) {
  return (
    <ul>
      {fields.map(({ name, old, new: now }) => (
        <li key={name}>
          <span class="muted">{name}</span>{' '}
          {!isNew && (
            <>
              <FieldValue value={old} /> <Icon name="arrow-right" />
              <span class="visually-hidden"> became </span>{' '}
            </>
          )}
          <FieldValue value={now} />
        </li>
      ))}
    </ul>
  )
}

const INSTANT = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/

function FieldValue({ value }: { value: unknown }) {
  if (typeof value === 'string' && INSTANT.test(value)) return <Moment at={value} />
  return <VisibleText text={fieldText(value)} />
}
