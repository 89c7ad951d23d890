import type { Outcome } from '../../evidence/outcome.ts'
import type { AuditRecord } from '../../evidence/record.ts'
import type { CostStatus, UsageSource } from '../../evidence/usage.ts'

/** The values that fields of a record with a closed list of them have. */
export const OUTCOMES = [
  'complete',
  'client_aborted',
  'upstream_reset',
  'upstream_timeout',
  'upstream_error',
  'rejected',
  'capture_lost',
  'unknown',
] as const satisfies readonly Outcome[]
export const SOURCES = ['proxy', 'mesh', 'client', 'derived'] as const satisfies ReadonlyArray<
  AuditRecord['source']
>
export const USAGE_SOURCES = [
  'provider',
  'estimated',
  'partial',
  'none',
] as const satisfies readonly UsageSource[]
export const COST_STATUSES = [
  'exact',
  'estimated',
  'unpriced',
] as const satisfies readonly CostStatus[]
