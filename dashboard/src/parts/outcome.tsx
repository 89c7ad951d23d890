import type { AuditRecord } from '../api/answers.ts'

interface OutcomeSign {
  readonly sign: string
  readonly kind: 'good' | 'warn' | 'bad' | 'muted'
  readonly label: string
  /** One sentence. */
  readonly says: string
}

const FAILED: OutcomeSign = {
  sign: '✕',
  kind: 'bad',
  label: 'provider error',
  says: 'The provider answered with an error, and the caller got all of it.',
}
const SIGNS: Readonly<Record<AuditRecord['outcome'], OutcomeSign>> = {
  complete: {
    sign: '✓',
    kind: 'good',
    label: 'complete',
    says: 'The caller got the whole answer, and Flint saw all of it.',
  },
  client_aborted: {
    sign: '◐',
    kind: 'warn',
    label: 'left early',
    says: 'The caller closed the connection before the answer was whole.',
  },
  upstream_reset: {
    sign: '✕',
    kind: 'bad',
    label: 'broken off',
    says: 'The provider broke off in the middle of its answer.',
  },
  upstream_timeout: {
    sign: '✕',
    kind: 'bad',
    label: 'timed out',
    says: 'The provider took longer than Envoy waits.',
  },
  upstream_error: {
    sign: '✕',
    kind: 'bad',
    label: 'no answer',
    says: 'The provider could not be reached, or gave no answer.',
  },
  rejected: {
    sign: '⊘',
    kind: 'muted',
    label: 'refused',
    says: 'Flint refused the call; nothing was forwarded.',
  },
  capture_lost: {
    sign: '◌',
    kind: 'warn',
    label: 'not seen',
    says: 'The call passed, and Flint did not see all of it.',
  },
  unknown: {
    sign: '?',
    kind: 'warn',
    label: 'not known',
    says: 'The call was let through, and no row has how it ended.',
  },
}

export function outcomeSign({ outcome, status }: Pick<AuditRecord, 'outcome' | 'status'>) {
  return outcome === 'complete' && status !== null && status >= 400 ? FAILED : SIGNS[outcome]
}

/** How a call ended: sign, name and status. */
export function Outcome({ record }: { record: Pick<AuditRecord, 'outcome' | 'status'> }) {
  const { sign, kind, label, says } = outcomeSign(record)
  return (
    <span class="outcome" title={says}>
      <span class={kind} aria-hidden="true">
        {sign}
      </span>{' '}
      {label}
      {record.status !== null && <span class="muted"> {record.status}</span>}
    </span>
  )
}
