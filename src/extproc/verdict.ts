import type { ErrorCode } from '../errors.ts'
import type { CredentialKind } from '../evidence/credential-kind.ts'

/** Whose call it is: of a Flint key, or of a workload's organisation, which has no key. */
export interface CallOwner {
  readonly org: string
  readonly keyId: string | null
  /** False: its texts are never kept, whatever the organisation's settings say. */
  readonly capture: boolean
}

/** What becomes of one call; `owner` is known for every refusal that leaves a record. */
export type Verdict =
  | { readonly forward: true; readonly owner: CallOwner; readonly credential: Credential }
  | {
      readonly forward: false
      readonly owner: CallOwner | null
      readonly code: ErrorCode
      readonly message?: string
    }

/**
 * What pays for a call; `key` is null where the address that the provider gave out pays (a
 * resumable upload's second step), or a signature, or where it stays in the request as it came.
 */
export interface Credential {
  readonly key: string | null
  /** The caller's own Authorization header goes on as it came. */
  readonly isSigned?: true
  /** All of the caller's own headers go on as they came, but for Flint's. */
  readonly isUntouched?: true
  /** For the record. */
  readonly hint: string | null
  readonly kind: CredentialKind | null
}
