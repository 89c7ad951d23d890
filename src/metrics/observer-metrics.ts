import type { ConnectionCounters } from '../extproc/connection-counters.ts'
import type { ObserverActivity } from '../extproc/observer-activity.ts'
import type { ObserverCounters } from '../extproc/observer-counters.ts'
import type { SpoolCounters } from '../spool/spool-counters.ts'
import { counter, type Definitions, gauge, type Metric, metricsOf, state } from './metric.ts'
import { spoolDefinitions } from './spool-metrics.ts'

export const OBSERVER: Definitions<ObserverCounters> = {
  observed: counter('flint_observer_observed_total', 'Calls whose observation was finished.'),
  closings: counter(
    'flint_observer_closings_total',
    'Ends of calls that Envoy reported over gRPC.',
  ),
  unattributed: counter(
    'flint_observer_unattributed_total',
    'Streams and log entries without the metadata of a gate: refused calls, and answers of Envoy itself.',
  ),
  forged: counter(
    'flint_observer_forged_total',
    'Metadata with a wrong MAC: somebody else writes into the namespace of Flint.',
  ),
  unknownProvider: counter(
    'flint_observer_unknown_provider_total',
    'Calls below /v1/proxy that name no provider that Flint knows.',
  ),
  pageRequests: counter(
    'flint_observer_page_requests_total',
    'Requests below /v1/proxy that a browser made for a page, a frame or a script: refused.',
  ),
  shed: counter(
    'flint_observer_shed_total',
    'Copies let go of because the observer was too late or over its memory budget.',
  ),
  streamsLost: counter(
    'flint_observer_streams_lost_total',
    'Copies that broke off before their call ended.',
  ),
  rowsRefused: counter(
    'flint_observer_rows_refused_total',
    'Rows of evidence that the spool did not take.',
  ),
  contentRefused: counter(
    'flint_observer_content_refused_total',
    'Calls whose prompt could not be kept: the content spool did not take it.',
  ),
  textDropped: counter(
    'flint_observer_text_dropped_total',
    'Calls whose text was let go of while too much was held.',
  ),
  requestsUnreadable: counter(
    'flint_observer_requests_unreadable_total',
    'Requests in no form that Flint reads.',
  ),
  readingFailed: counter(
    'flint_observer_reading_failed_total',
    'Calls whose reading was ended by a fault of Flint.',
  ),
  unknownEndpoint: counter(
    'flint_observer_unknown_endpoint_total',
    'Calls of endpoints that Flint does not know, by path with its ids taken out.',
    'name',
  ),
  unknownUsage: counter(
    'flint_observer_unknown_usage_total',
    'Members of usage objects that Flint does not know, by parser and path; they are in usageRaw.',
    'name',
  ),
  costReason: counter(
    'flint_observer_cost_reason_total',
    'Calls whose cost is not exact or not known, by costReason.',
    'name',
  ),
}
export const OBSERVER_ACTIVITY: Definitions<ObserverActivity> = {
  openStreams: state('flint_observer_open_streams', 'Copies that are open now.'),
  openAcked: state(
    'flint_observer_open_acked_streams',
    'Of the open copies, those whose caller waits for each piece (profile acked).',
  ),
  finishing: state(
    'flint_observer_finishing',
    'Observations that ended and whose row is not written yet.',
  ),
}
export const OBSERVER_SPOOL = spoolDefinitions('flint_observer_spool', 'observations and closings')
const OBSERVER_CONNECTIONS: Definitions<ConnectionCounters> = {
  connections: counter(
    'flint_observer_connections_total',
    'Connections to providers that nothing could read, kept.',
  ),
  connectionsSkipped: counter(
    'flint_observer_connections_skipped_total',
    'Connections that proxies reported and that are not kept: no_host was named, no known provider has it (other_host), no_organisation has the workload, too_many in this minute, no_space, or unreadable.',
    'reason',
  ),
}
const OBSERVER_CONNECTION_SPOOL = spoolDefinitions('flint_observer_connection_spool', 'connections')
const OBSERVER_CONTENT_SPOOL = spoolDefinitions('flint_observer_content_spool', 'prompts')

export interface ObserverNumbers {
  readonly counters: ObserverCounters
  readonly activity: ObserverActivity
  readonly spool: SpoolCounters
  readonly contentSpool: SpoolCounters
  readonly connections: ConnectionCounters
  readonly connectionSpool: SpoolCounters
  readonly loopLagMs: () => number
}

export function observerMetrics({
  counters,
  activity,
  spool,
  contentSpool,
  connections,
  connectionSpool,
  loopLagMs,
}: ObserverNumbers): Metric[] {
  return [
    ...metricsOf(OBSERVER, counters),
    ...metricsOf(OBSERVER_ACTIVITY, activity),
    ...metricsOf(OBSERVER_SPOOL, spool),
    ...metricsOf(OBSERVER_CONTENT_SPOOL, contentSpool),
    ...metricsOf(OBSERVER_CONNECTIONS, connections),
    ...metricsOf(OBSERVER_CONNECTION_SPOOL, connectionSpool),
    gauge(
      'flint_observer_loop_lag_seconds',
      'How late the last tick of the event loop came.',
      () => loopLagMs() / 1_000,
    ),
  ]
}
