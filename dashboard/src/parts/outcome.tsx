import type { AuditRecord } from '../api/answers.ts'
import { Icon } from './icon.tsx'
import type { IconName } from './icon-names.ts'

interface OutcomeSign {
  readonly icon: IconName
  readonly kind: 'good' | 'warn' | 'bad' | 'muted'
  readonly label: string
  /** One sentence. */
  readonly says: string
}

const FAILED: OutcomeSign = {
  icon: 'x',
  kind: 'bad',
  label: 'provider error',
  says: 'The provider answered with an error, and the caller got all of it.',
}
const SIGNS: Readonly<Record<AuditRecord['outcome'], OutcomeSign>> = {
  complete: {
    icon: 'check',
    kind: 'good',
    label: 'complete',
    says: 'The caller got the whole answer, and Flint saw all of it.',
  },
  client_aborted: {
    icon: 'log-out',
    kind: 'warn',
    label: 'left early',
    says: 'The caller closed the connection before the answer was whole.',
  },
  upstream_reset: {
    icon: 'x',
    kind: 'bad',
    label: 'broken off',
    says: 'The provider broke off in the middle of its answer.',
  },
  upstream_timeout: {
    icon: 'clock',
    kind: 'bad',
    label: 'timed out',
    says: 'The provider took longer than Envoy waits.',
  },
  upstream_error: {
    icon: 'x',
    kind: 'bad',
    label: 'no answer',
    says: 'The provider could not be reached, or gave no answer.',
  },
  rejected: {
    icon: 'ban',
    kind: 'muted',
    label: 'refused',
    says: 'Flint refused the call; nothing was forwarded.',
  },
  capture_lost: {
    icon: 'eye-off',
    kind: 'warn',
    label: 'not seen',
    says: 'The call passed, and Flint did not see all of it.',
  },
  unknown: {
    icon: 'circle-help',
    kind: 'warn',
    label: 'not known',
    says: 'The call was let through, and no row has how it ended.',
  },
}

export function outcomeSign({ outcome, status }: Pick<AuditRecord, 'outcome' | 'status'>) {
  return outcome === 'complete' && status !== null && status >= 400 ? FAILED : SIGNS[outcome]
}

/** How a call ended: icon, name and status. */
export function Outcome({ record }: { record: Pick<AuditRecord, 'outcome' | 'status'> }) {
  const { icon, kind, label, says } = outcomeSign(record)
  return (
    <span class="outcome" title={says}>
      <span class={kind}>
        <Icon name={icon} />
      </span>{' '}
      {label}
      {record.status !== null && <span class="muted"> {record.status}</span>}
    </span>
  )
}
