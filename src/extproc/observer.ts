import { BoundedMap } from '../bounded-map.ts'
import { createVersionClock } from '../evidence/record-id.ts'
import { type PriceCall, priceCall } from '../pricing/cost.ts'
import { type ActiveProviders, SHIPPED_PROVIDERS } from '../providers/active-providers.ts'
import type { EvidenceSpool } from '../spool/evidence-spool.ts'
import { ackedSide, copiedSide, type StreamSide } from './acked.ts'
import { type CallMetadata, METADATA_NAMESPACE, type MetadataSeal } from './call-metadata.ts'
import type { Counting } from './call-reader.ts'
import { closingOf, endedEarly } from './closing.ts'
import type { ConnectionLog } from './connection-log.ts'
import type { GrpcMethod } from './grpc-server.ts'
import { HeldBytes } from './held-bytes.ts'
import {
  type AccessLogEntry,
  readAccessLog,
  readMetadata,
  readProcessingRequest,
} from './messages.ts'
import { Observation } from './observation.ts'
import { createObservationWriter, type ObservationCapture } from './observation-writer.ts'
import type { ObserverActivity } from './observer-activity.ts'
import type { ObserverCounters } from './observer-counters.ts'
import { OpenObservations } from './open-observations.ts'
import { RecentLoad } from './recent-load.ts'

export interface ObserverOptions {
  readonly seal: MetadataSeal
  readonly spool: EvidenceSpool
  readonly capture: ObservationCapture
  /** `<instance>/observer` */
  readonly writer: string
  readonly counters: ObserverCounters
  readonly activity: ObserverActivity
  /** True while the event loop is so late that bulky streams must be let go. */
  readonly overloaded: () => boolean
  /**
   * True while the process holds more than its memory budget: of calls that begin then no text is
   * kept.
   */
  readonly overBudget?: () => boolean
  /**
   * Bounds on what calls hold; default: a quarter of a gigabyte an organisation, half a gigabyte in
   * all.
   */
  readonly held?: HeldBytes
  /** A fault that ended the reading of one call; its message may quote what was read. */
  readonly onFault?: (error: unknown) => void
  /** Default: those that Flint ships. */
  readonly providers?: ActiveProviders
  /** Default: list prices of the bundled book. */
  readonly price?: PriceCall
  /** Counts what providers did not tell; default: it stays unknown. */
  readonly counting?: Counting
  /** Connections that no one can read; default: they are not looked at. */
  readonly connections?: ConnectionLog
  /** Monotonic milliseconds. */
  readonly nowMs?: () => number
}

/**
 * The log of a call that ended early may overtake the last copied bytes; this long the observation
 * waits for them.
 */
const LAST_BYTES_GRACE_MS = 500
/**
 * No caller waits for an observer that is late by less than this: a stream's window holds
 * twice as much. With less of late, it is the machine that is busy and not the observer that is
 * swamped, and to let go of copies would help no one.
 */
const HELD_BACK_BYTES = 4 * 1024 * 1024
/** What a killed observer may not have written of a call yet. */
const CHECKPOINT_EVERY_MS = 250
const MAX_VERIFIED_CLAIMS = 20_000
const MIB = 1024 * 1024

export interface Observer {
  /**
   * `flint.observe`: copies of what passes; no one waits for it. Its other way, `flint.acked`,
   * comes over the same service: there Envoy waits for an answer to each message.
   */
  readonly process: GrpcMethod
  /** Envoy's access log stream: how each call ended. */
  readonly accessLog: GrpcMethod
  /** Finishes every open observation with what was seen so far; for an orderly stop. */
  close(): void
}

export function createObserver(options: ObserverOptions): Observer {
  const {
    seal,
    spool,
    capture,
    writer,
    counters,
    activity,
    overloaded,
    overBudget = () => false,
    providers = SHIPPED_PROVIDERS,
    price = priceCall,
    counting = null,
    connections = () => () => {},
    held = new HeldBytes({ maxBytes: 512 * MIB, maxBytesPerOrg: 256 * MIB }),
    onFault = () => {},
    nowMs = performance.now.bind(performance),
  } = options
  const version = createVersionClock()
  const write = createObservationWriter({
    writer,
    version,
    counters,
    activity,
    capture,
    price,
    onFault,
  })
  const load = new RecentLoad(nowMs)
  const open = new OpenObservations()
  const checked = createVerifiedClaims()
  const checkpoints = setInterval(() => {
    for (const observation of open.all()) observation.checkpoint()
  }, CHECKPOINT_EVERY_MS)
  checkpoints.unref()

  const append: EvidenceSpool['append'] = (row, done) =>
    spool.append(row, (error) => {
      if (error) counters.rowsRefused += 1
      done(error)
    })

  const process: GrpcMethod = (reply) => {
    let observation: Observation | null = null
    let side: StreamSide = copiedSide(reply, append)
    let acked = false
    let org = ''
    activity.openStreams += 1
    return {
      message(bytes) {
        const message = readProcessingRequest(bytes, observation === null)
        if (observation === null) {
          const call = attribute(message.metadata)
          // Envoy's answers to refused calls pass here too, without metadata: nothing of a call to
          // observe. And of a call that the proxy before this one has, that one's copy counts.
          if (call === null || call.isSecond) return reply.end()
          acked = !message.copied
          if (acked) {
            activity.openAcked += 1
            side = ackedSide(reply, append)
          }
          org = call.org
          observation = new Observation({
            call,
            providers,
            nowMs,
            // A call that waits for us is slowed down by our being late, and not broken off for it.
            overloaded: () =>
              !acked && overloaded() && load.bytes >= HELD_BACK_BYTES && load.isHeavy(call.org),
            held,
            keepsText: !overBudget(),
            onFault,
            counters,
            activity,
            append: side.append,
            release: side.release,
            write,
            counting,
            forget: () => open.remove(call.recordId),
          })
          open.add(call.recordId, observation)
          if (overBudget()) makeSpace()
        }
        load.add(org, bytes.length)
        observation.message(message)
        side.seen(message.kind)
      },
      closed() {
        activity.openStreams -= 1
        if (acked) activity.openAcked -= 1
        observation?.streamClosed()
      },
    }
  }

  /**
   * Two go for each that comes, until the process is within its budget again. Where few are open,
   * it is what the largest hold that must go: the memory of an attack that is over is not given
   * back at once, and no small call can make up for it.
   */
  function makeSpace(): void {
    for (let count = 0; count < 2; count++) {
      const next = open.nextToGo(nowMs())
      if (next) next.shed()
      else held.giveWay(MIB)
    }
  }

  function attribute(metadata: Uint8Array | null): CallMetadata | null {
    const fields = metadata === null ? null : readMetadata(metadata, METADATA_NAMESPACE)
    const call = seal.open(fields)
    if (call === null) counters[fields?.has('mac') ? 'forged' : 'unattributed'] += 1
    else checked.remember(call, fields)
    return call
  }

  function closing(entry: AccessLogEntry): void {
    if (entry.routeName === 'unknown_provider') counters.unknownProvider += 1
    if (entry.routeName === 'page_request') counters.pageRequests += 1
    const call = checked.recall(entry.metadata) ?? seal.open(entry.metadata)
    if (call === null) {
      counters[entry.metadata?.has('mac') ? 'forged' : 'unattributed'] += 1
      return
    }
    if (call.isSecond) return
    counters.closings += 1
    append(closingOf(call, entry, version(), writer), () => {})
    const observation = open.get(call.recordId)
    if (!observation) return
    const early = endedEarly(entry)
    observation.callEnded(entry.status, early)
    // A call that ended well ends its copy itself, however late this process reads it.
    if (early || entry.status === 101)
      setTimeout(() => observation.finish('call_ended_early'), LAST_BYTES_GRACE_MS).unref()
  }

  return {
    process,
    accessLog(_reply, metadata, peer) {
      const connection = connections(metadata, peer)
      return {
        message(bytes) {
          readAccessLog(bytes, METADATA_NAMESPACE, closing)
          connection(bytes)
        },
        closed() {},
      }
    },
    close() {
      clearInterval(checkpoints)
      for (const observation of [...open.all()]) observation.finish('stream_lost')
    },
  }
}

/**
 * The log of a call repeats the gate's claims that its copy began with: equal to a checked one, it
 * needs no second HMAC.
 */
function createVerifiedClaims() {
  // Bounded: entries whose log never comes are dropped, oldest first.
  const verified = new BoundedMap<string, { readonly mac: string; readonly call: CallMetadata }>(
    MAX_VERIFIED_CLAIMS,
  )
  return {
    remember(call: CallMetadata, fields: ReadonlyMap<string, string> | null): void {
      verified.set(call.recordId, { mac: fields?.get('mac') ?? '', call })
    },
    recall(fields: ReadonlyMap<string, string> | null): CallMetadata | null {
      const recordId = fields?.get('record_id') ?? ''
      const claims = verified.get(recordId)
      if (!claims || claims.mac !== fields?.get('mac')) return null
      verified.delete(recordId)
      return claims.call
    },
  }
}
