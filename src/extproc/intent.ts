import type { IncomingHttpHeaders } from 'node:http2'
import { ERRORS } from '../errors.ts'
import type { IntentEvidence } from '../evidence/evidence.ts'
import { evidenceKey } from '../evidence/evidence-key.ts'
import { identityColumns, type WorkloadIdentity } from '../evidence/identity-basis.ts'
import type { CallMetadata } from './call-metadata.ts'
import type { CallerRequest } from './caller-request.ts'
import type { Verdict } from './verdict.ts'

/**
 * Set by the bootstrap that `flint up` renders anew for each start of Envoy (envoy/bootstrap.yaml,
 * flint.auth).
 */
const ENVOY_RUN_HEADER = 'x-flint-envoy-run'

export function envoyRunOf(metadata: IncomingHttpHeaders): string | null {
  const run = metadata[ENVOY_RUN_HEADER]
  return typeof run === 'string' && run !== '' ? run.slice(0, 64) : null
}

interface IntentFacts {
  readonly call: CallMetadata
  readonly request: CallerRequest
  readonly verdict: Verdict
  /** Null where the call came through no mesh. */
  readonly workload: WorkloadIdentity | null
  readonly envoyRun: string | null
  readonly version: number
  readonly writer: string
}

/** What is durable before a call goes on: who makes it, and what it asks for. */
export function intentOf({
  call,
  request,
  verdict,
  workload,
  envoyRun,
  version,
  writer,
}: IntentFacts): IntentEvidence {
  return {
    kind: 'intent',
    ...evidenceKey(call, version, writer),
    method: request.method,
    endpoint: request.route?.endpoint ?? '',
    key_id: call.keyId,
    key_hint: call.keyHint,
    error_code: verdict.forward ? null : verdict.code,
    status: verdict.forward ? null : ERRORS[verdict.code].status,
    claimed_request_id: request.claimedRequestId,
    caller_request_id: request.callerRequestId,
    trace_id: request.traceId,
    user_agent: request.userAgent,
    retry_count: request.retryCount,
    tags: request.tags,
    capture: verdict.forward ? call.capture !== null : null,
    credential: verdict.forward ? verdict.credential.kind : null,
    session_id: request.sessionId,
    ...identityColumns(workload),
    envoy_run: envoyRun,
  }
}
