/** What a Flint key may do. A key made without naming scopes has the first four; the bootstrap key has all. */
export const SCOPES = ['proxy', 'report', 'read', 'prompts', 'admin'] as const
export type Scope = (typeof SCOPES)[number]
export const DEFAULT_SCOPES: readonly Scope[] = ['proxy', 'report', 'read', 'prompts']

/** Who is calling. The organisation comes from the key only, never from the request. */
export interface Principal {
  readonly org: string
  readonly keyId: string
  readonly scopes: readonly Scope[]
}

/** Answers from memory: a dead ClickHouse refuses no valid key, and an unknown key never causes a query. */
export interface Authenticator {
  /**
   * `key` is the whole presented key, `flnt_live_...`; null when nobody has it, `unavailable` when there is no directory
   * to look in (none yet, or too old): a good key must not be called wrong.
   */
  authenticate(key: string): Principal | null | 'unavailable'
}
