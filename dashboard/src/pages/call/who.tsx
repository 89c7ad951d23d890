import type { ComponentChildren } from 'preact'
import type { AuditRecord, KeyNames } from '../../api/answers.ts'
import { VisibleText } from '../../parts/visible-text.tsx'
import { UNKNOWN } from '../../state/numbers.ts'
import { callHref, callsWith } from './call-links.ts'

const SHOWN_RELATED = 5
const CREDENTIALS: Readonly<Record<string, string>> = {
  api_key: 'an API key',
  oauth: 'an OAuth token',
  subscription: 'of a plan, not billed by the token',
  signature: 'the request was signed, and carried no key',
}

const BASES: Readonly<Record<string, string>> = {
  peer_certificate: 'verified: its own certificate, checked by Envoy',
  proxy_certificate: 'verified: the certificate of its proxy, checked by Flint',
  node_metadata: 'claimed: the metadata of its proxy',
  source_address: 'claimed: the address that the call came from',
  none: 'nothing is known of it',
}

/** Who called: the key, which is verified, and what the caller said of itself, which is not. */
export function Who({
  record,
  names,
  related,
}: {
  record: AuditRecord
  names: KeyNames['names'] | undefined
  /** Other calls about the same work. */
  related: readonly string[]
}) {
  const { keyId, keyHint, credential, tags, parentId, responseId } = record
  return (
    <dl class="pairs">
      <Pair name="Key">
        {keyId === null ? (
          <span
            title={
              record.source === 'mesh'
                ? 'The call came through a mesh, without a Flint key.'
                : 'No row of this call names one.'
            }
          >
            {UNKNOWN}
          </span>
        ) : (
          <>
            <a href={callsWith({ keyId })}>
              <VisibleText text={names?.[keyId] ?? keyId} />
            </a>{' '}
            {names?.[keyId] !== undefined && <span class="id muted">{keyId}</span>}
          </>
        )}
      </Pair>
      <Workload record={record} />
      <Pair name="Provider key">
        {keyHint === null ? (
          <span title="None was used, or it is too short for a hint.">{UNKNOWN}</span>
        ) : (
          <a href={callsWith({ keyHint })} class="id">
            {keyHint}
          </a>
        )}
        {credential !== null && <span class="muted"> {CREDENTIALS[credential]}</span>}
      </Pair>
      <Ids record={record} />
      <Pair name="Tags">
        {Object.keys(tags).length === 0 ? (
          <span title="The caller sent none.">{UNKNOWN}</span>
        ) : (
          <span class="chips">
            {Object.entries(tags).map(([name, value]) => (
              <a key={name} class="chip" href={callsWith({ tag: `${name}:${value}` })}>
                <VisibleText text={`${name}=${value}`} />
              </a>
            ))}
          </span>
        )}
      </Pair>
      {related.length > 0 && (
        <Pair name="About the same work">
          {related.slice(0, SHOWN_RELATED).map((id) => (
            <div key={id}>
              <a href={callHref(id)} class="id">
                {id}
              </a>
              {id === parentId && <span class="muted"> whose answer had it</span>}
            </div>
          ))}
          {responseId !== null && related.length > SHOWN_RELATED && (
            <a href={callsWith({ responseId })}>all {related.length}</a>
          )}
        </Pair>
      )}
    </dl>
  )
}

const OF_WORKLOAD = ['namespace', 'serviceAccount', 'cluster'] as const
const WORKLOAD_NAMES = {
  namespace: 'Namespace',
  serviceAccount: 'Service account',
  cluster: 'Cluster',
} as const

/** Of a call that came through a mesh: what made it, and how far that can be believed. */
function Workload({ record }: { record: AuditRecord }) {
  const { workload, identityBasis } = record
  if (identityBasis === null) return null
  return (
    <>
      <Pair name="Workload">
        {workload === null ? (
          UNKNOWN
        ) : (
          <a href={callsWith({ workload })}>
            <VisibleText text={workload} />
          </a>
        )}
        <span class="muted"> {BASES[identityBasis]}</span>
      </Pair>
      {OF_WORKLOAD.map((field) => {
        const value = record[field]
        return value === null ? null : (
          <Pair key={field} name={WORKLOAD_NAMES[field]}>
            <a href={callsWith({ [field]: value })}>
              <VisibleText text={value} />
            </a>
          </Pair>
        )
      })}
    </>
  )
}

const CLAIMED = [
  { name: 'Agent', field: 'userAgent' },
  { name: 'Trace', field: 'traceId' },
  { name: 'Caller’s request id', field: 'callerRequestId' },
  { name: 'Claimed request id', field: 'claimedRequestId' },
] as const

function Ids({ record }: { record: AuditRecord }) {
  const { sessionId, retryCount, providerRequestId, responseId } = record
  return (
    <>
      {CLAIMED.map(({ name, field }) => {
        const value = record[field]
        return value === null ? null : (
          <Pair key={field} name={name}>
            <a
              href={callsWith({ [field]: value })}
              class={field === 'userAgent' ? undefined : 'id'}
            >
              <VisibleText text={value} />
            </a>
          </Pair>
        )
      })}
      {sessionId !== null && (
        <Pair name="Session">
          <span class="id">
            <VisibleText text={sessionId} />
          </span>
        </Pair>
      )}
      {retryCount !== null && retryCount > 0 && <Pair name="Retry">{retryCount}</Pair>}
      {providerRequestId !== null && (
        <Pair name="Provider’s id">
          <span class="id">
            <VisibleText text={providerRequestId} />
          </span>
        </Pair>
      )}
      {responseId !== null && responseId !== providerRequestId && (
        <Pair name="Answer’s id">
          <span class="id">
            <VisibleText text={responseId} />
          </span>
        </Pair>
      )}
    </>
  )
}

function Pair({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  )
}
