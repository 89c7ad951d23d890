import type { AuditRecord, Evidence } from '../../api/answers.ts'

export interface Stretch {
  readonly name: 'gate' | 'waiting' | 'answer'
  readonly label: string
  readonly ms: number
}

/** What a call's time went into, in order; empty where no one measured it. */
export function stretches(
  { createdAt, latencyMs, timeToFirstByteMs }: AuditRecord,
  evidence: Evidence | undefined,
): Stretch[] {
  if (latencyMs === null) return []
  const firstMs = Math.min(timeToFirstByteMs ?? latencyMs, latencyMs)
  const intent = evidence?.rows.find(({ kind }) => kind === 'intent')
  // `version` is when the gate wrote its row, `createdAt` when it saw the call: both by its clock.
  const gateMs =
    intent === undefined
      ? 0
      : Math.min(Math.max(0, Math.round(intent.version / 1000 - Date.parse(createdAt))), firstMs)
  const all: Stretch[] = [
    { name: 'gate', label: 'gate', ms: gateMs },
    {
      name: 'waiting',
      label: timeToFirstByteMs === null ? 'waiting, no answer came' : 'waiting for the provider',
      ms: firstMs - gateMs,
    },
    { name: 'answer', label: 'first byte to last', ms: latencyMs - firstMs },
  ]
  return all.filter(({ name, ms }) => ms > 0 || (name === 'gate' && intent !== undefined))
}
