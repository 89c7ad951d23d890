import type { CallPrice } from '../evidence/bill.ts'
import { endpointTemplate } from '../providers/reading/endpoint-template.ts'
import type { ExchangeFacts } from '../providers/reading/exchange-reader.ts'

/** Numbers by a name that turns up while running; how many names there may be is bounded. */
type NamedCounts = Map<string, number>

/** Counted per process since its start; read by the metrics page. */
export interface ObserverCounters {
  observed: number
  closings: number
  /** Streams and log entries without the gate's claims: refused calls and Envoy's own answers. */
  unattributed: number
  /** Metadata with a wrong MAC: somebody else writes into our namespace. */
  forged: number
  unknownProvider: number
  /** What a browser asked for as a page, a frame or a script: refused by Envoy. */
  pageRequests: number
  shed: number
  streamsLost: number
  rowsRefused: number
  /** Calls whose text could not be kept: the spool of content was full. */
  contentRefused: number
  /** Calls whose text was let go of while too much was held. */
  textDropped: number
  /** Requests that were in no form that Flint reads. */
  requestsUnreadable: number
  /** Calls whose reading was ended by a fault of the reader. */
  readingFailed: number
  /** Calls of endpoints that Flint does not know, by path with its ids taken out. */
  readonly unknownEndpoint: NamedCounts
  /** Members of usage objects that Flint does not know, by reader and path. */
  readonly unknownUsage: NamedCounts
  /** Calls whose cost is not exact, or not known, by reason. */
  readonly costReason: NamedCounts
}

const MAX_NAMES = 100
const OTHERS = 'other'

export function createObserverCounters(): ObserverCounters {
  return {
    observed: 0,
    closings: 0,
    unattributed: 0,
    forged: 0,
    unknownProvider: 0,
    pageRequests: 0,
    shed: 0,
    streamsLost: 0,
    rowsRefused: 0,
    contentRefused: 0,
    textDropped: 0,
    requestsUnreadable: 0,
    readingFailed: 0,
    unknownEndpoint: new Map(),
    unknownUsage: new Map(),
    costReason: new Map(),
  }
}

/** What operators should see coming: endpoints, members and prices that are not known. */
export function countFacts(
  counters: ObserverCounters,
  facts: ExchangeFacts | null,
  price: CallPrice | null,
  endpoint: string | null,
): void {
  if (facts?.unknownEndpoint === true)
    count(counters.unknownEndpoint, endpointTemplate(endpoint ?? ''))
  if (facts?.textGap === 'request_unreadable') counters.requestsUnreadable += 1
  for (const member of facts?.unknownUsage ?? [])
    count(counters.unknownUsage, `${facts?.parserVersion} ${member}`)
  if (price?.costReason != null) count(counters.costReason, price.costReason)
}

function count(counts: NamedCounts, name: string): void {
  const known = counts.has(name) || counts.size < MAX_NAMES ? name : OTHERS
  counts.set(known, (counts.get(known) ?? 0) + 1)
}
