import { capturePolicyOf } from '../content/capture-policy.ts'
import { ERRORS, type ErrorCode, errorBody } from '../errors.ts'
import { createVersionClock } from '../evidence/record-id.ts'
import type { SettingsSource } from '../identity/settings.ts'
import type { ActiveProviders } from '../providers/active-providers.ts'
import type { EvidenceSpool } from '../spool/evidence-spool.ts'
import { type CallMetadata, METADATA_NAMESPACE, type MetadataSeal } from './call-metadata.ts'
import { createCallerRequestReader } from './caller-request.ts'
import type { GrpcMethod } from './grpc-server.ts'
import { changes, withHeader } from './header-changes.ts'
import type { HopSeals } from './hop-seal.ts'
import { envoyRunOf, intentOf } from './intent.ts'
import { type Judges, judge } from './judge.ts'
import {
  createLatencyHistogram,
  type LatencyHistogram,
  observeLatency,
} from './latency-histogram.ts'
import { isMeshMode, workloadOf } from './mesh-identity.ts'
import { REQUEST_HEADERS, readProcessingRequest } from './messages.ts'
import { createRecordIds } from './record-ids.ts'
import { encodeForward, encodeRefusal } from './replies.ts'
import { isUpload } from './route.ts'
import { callOfProxyBefore, sealForNextProxy, sightingOf } from './second-sighting.ts'

export interface GateOptions extends Judges {
  readonly providers: ActiveProviders
  readonly settings: Pick<SettingsSource, 'settingsOf'>
  readonly seal: MetadataSeal
  readonly hopSeals: HopSeals
  readonly spool: EvidenceSpool
  /** `<instance>/gate` */
  readonly writer: string
  readonly counters: GateCounters
}

/** Counted per process since its start; read by the metrics page. */
export interface GateCounters {
  forwarded: number
  refused: Record<ErrorCode, number>
  tagsDropped: number
  secondSightings: number
  /** From a call's headers to its verdict. */
  readonly verdicts: LatencyHistogram
}

export function createGateCounters(): GateCounters {
  const refused = Object.fromEntries(Object.keys(ERRORS).map((code) => [code, 0])) as Record<
    ErrorCode,
    number
  >
  const verdicts = createLatencyHistogram()
  return { forwarded: 0, refused, tagsDropped: 0, secondSightings: 0, verdicts }
}

function refusal(code: ErrorCode, message?: string): Uint8Array {
  return encodeRefusal(
    ERRORS[code].status,
    JSON.stringify(errorBody(code, message)),
    `flint_${code}`,
  )
}

/**
 * Refusals with the catalogue's own messages, encoded once: a flood of wrong keys costs a lookup
 * each.
 */
const REFUSALS = Object.fromEntries(
  (Object.keys(ERRORS) as ErrorCode[]).map((code) => [code, refusal(code)]),
) as Record<ErrorCode, Uint8Array>

/**
 * `flint.auth`: the only place where a caller waits for Flint. Reads the request headers, checks
 * the Flint key in memory, writes the intent, swaps the keys. Body and answer never pass here.
 */
export function createGate(options: GateOptions): GrpcMethod {
  const { providers, settings, seal, hopSeals, spool, tickets, writer, counters } = options
  const readCallerRequest = createCallerRequestReader(providers)
  const version = createVersionClock()
  const nextId = createRecordIds()

  function refuse(code: ErrorCode, message?: string): Uint8Array {
    counters.refused[code] += 1
    return message === undefined ? REFUSALS[code] : refusal(code, message)
  }

  return (reply, metadata, peer) => ({
    message(bytes) {
      const beganAtMs = performance.now()
      const answer = (verdict: Uint8Array) => {
        reply.send(verdict)
        observeLatency(counters.verdicts, (performance.now() - beganAtMs) / 1_000)
      }
      const isMesh = isMeshMode(metadata)
      const message = readProcessingRequest(bytes, isMesh)
      if (message.kind !== REQUEST_HEADERS) return reply.end()
      const request = readCallerRequest(message.member, isMesh)
      counters.tagsDropped += request.tagsDropped
      const workload = isMesh ? workloadOf(peer, metadata, message.attributes) : null
      const before = isMesh ? callOfProxyBefore(request, peer, message.attributes, hopSeals) : null
      const verdict = judge(request, workload, before, options)
      const { owner } = verdict
      // Without a valid Flint key, or a workload's organisation, there is no one to keep a record
      // for.
      if (!owner || !request.route) {
        return answer(
          verdict.forward ? refuse('unknown_provider') : refuse(verdict.code, verdict.message),
        )
      }
      // A Flint key of another organisation makes it another call.
      const isSecond = before !== null && before.org === owner.org
      const call: CallMetadata = {
        recordId: isSecond ? before.recordId : nextId(),
        org: owner.org,
        keyId: owner.keyId,
        keyHint: verdict.forward ? verdict.credential.hint : null,
        provider: request.route.provider.name,
        // Decided here and carried with the call: a setting that changes meanwhile does not split
        // it.
        capture:
          verdict.forward && owner.capture && !isSecond
            ? capturePolicyOf(settings.settingsOf(owner.org))
            : null,
        ...(isSecond ? { isSecond } : {}),
      }
      const sealed =
        isMesh && !isSecond ? sealForNextProxy(call, request, peer, metadata, hopSeals) : null
      // The answer is encoded before the intent is written: after the write nothing is left that
      // can fail.
      const forward = verdict.forward
        ? encodeForward({
            ...withHeader(changes(request, verdict.credential, isMesh), sealed),
            namespace: METADATA_NAMESPACE,
            // For the answer that may name an upload address: the filter flint.uploads adds it
            // there.
            metadata: {
              ...seal.seal(call, request.echo),
              // In a mesh an upload goes on at the provider's own address.
              ...(!isMesh && call.keyId !== null && isUpload(request.route)
                ? { upload: tickets.issue({ keyId: call.keyId, keyHint: call.keyHint }) }
                : {}),
            },
          })
        : null
      if (isSecond) counters.secondSightings += 1
      spool.append(
        isSecond
          ? sightingOf(call, workload, version(), writer)
          : intentOf({
              call,
              request,
              verdict,
              workload,
              envoyRun: envoyRunOf(metadata),
              version: version(),
              writer,
            }),
        (error) => {
          // The record of a second sighting is the first one's, and safe.
          if (error && !isSecond) return answer(refuse('audit_unavailable'))
          if (forward) {
            counters.forwarded += 1
            answer(forward)
          } else if (!verdict.forward) answer(refuse(verdict.code, verdict.message))
        },
      )
    },
    closed() {},
  })
}
