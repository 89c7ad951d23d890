import type { SpoolCounters } from '../spool/spool-counters.ts'
import { type IdentityNumbers, identityMetrics } from './identity-metrics.ts'
import { type Metric, metricsOf } from './metric.ts'
import { spoolDefinitions } from './spool-metrics.ts'

const API_SPOOL = spoolDefinitions('flint_api_spool', 'reported calls')
const API_CONTENT_SPOOL = spoolDefinitions('flint_api_content_spool', 'reported prompts')

export interface ApiNumbers extends IdentityNumbers {
  readonly spool: SpoolCounters
  readonly contentSpool: SpoolCounters
}

export function apiMetrics({ spool, contentSpool, ...identity }: ApiNumbers): Metric[] {
  return [
    ...metricsOf(API_SPOOL, spool),
    ...metricsOf(API_CONTENT_SPOOL, contentSpool),
    ...identityMetrics('api', identity),
  ]
}
