/**
 * From what it is known who made a call that came without a Flint key; the first that there is
 * counts.
 */
export const IDENTITY_BASES = [
  // Verified: the workload's own certificate, as the Envoy that took its connection checked it.
  'peer_certificate',
  // Verified: that of the proxy beside the workload, as Flint checked it on its own port.
  'proxy_certificate',
  // Claimed: how the proxy beside the workload was named when it started.
  'node_metadata',
  // Claimed: the address that the call came from.
  'source_address',
  // Nothing was said.
  'none',
] as const
export type IdentityBasis = (typeof IDENTITY_BASES)[number]

/** True where a certificate proves it; everything else is a claim. */
export function isVerified(basis: IdentityBasis): boolean {
  return basis === 'peer_certificate' || basis === 'proxy_certificate'
}

/** Who made a call, as far as `basis` says; never some of one basis and some of another. */
export interface WorkloadIdentity {
  readonly basis: IdentityBasis
  /** A SPIFFE ID, a name, or an address, by the basis. */
  readonly workload: string | null
  readonly namespace: string | null
  readonly serviceAccount: string | null
  /** As the proxy calls its own: of the proxy, not of the workload's certificate. */
  readonly cluster: string | null
}

/** Who made a call, as the columns of its evidence; null where no mesh was passed. */
export function identityColumns(workload: WorkloadIdentity | null) {
  return {
    workload: workload?.workload ?? null,
    namespace: workload?.namespace ?? null,
    service_account: workload?.serviceAccount ?? null,
    cluster: workload?.cluster ?? null,
    identity_basis: workload?.basis ?? null,
  }
}
