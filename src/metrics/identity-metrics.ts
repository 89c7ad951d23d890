import type { FailureReason } from '../identity/authentication-failures.ts'
import { counter, gauge, type Metric, metricsOf } from './metric.ts'

/**
 * Something kept in memory that is refreshed; milliseconds since it was last known to be current.
 */
export interface Aging {
  staleMs(): number
}

export interface IdentityNumbers {
  readonly authenticationFailed: Record<FailureReason, number>
  readonly keys: Aging
  readonly settings: Aging
}

/** What gate and API each hold of identity. */
export function identityMetrics(
  role: 'gate' | 'api',
  { authenticationFailed, keys, settings }: IdentityNumbers,
): Metric[] {
  const failed = counter(
    `flint_${role}_authentication_failed_total`,
    'Requests with a Flint key that was not accepted, by reason (missing, unknown, expired, revoked, forbidden).',
    'code',
  )
  return [
    ...metricsOf({ authenticationFailed: failed }, { authenticationFailed }),
    gauge(
      `flint_${role}_key_cache_age_seconds`,
      'Age of the keys in memory; over a few seconds ClickHouse does not answer.',
      () => {
        return keys.staleMs() / 1_000
      },
    ),
    gauge(
      `flint_${role}_settings_cache_age_seconds`,
      'Age of the settings in memory; over a few seconds ClickHouse does not answer.',
      () => {
        return settings.staleMs() / 1_000
      },
    ),
  ]
}
