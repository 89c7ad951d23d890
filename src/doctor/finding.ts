/**
 * `warning`: it works, and something may go wrong. `problem`: calls, records or secrets are at
 * stake. `unknown`: it could not be looked at.
 */
export type Verdict = 'ok' | 'warning' | 'problem' | 'unknown'

/** What one check found. */
export interface Finding {
  /** Name of the check, stable: `envoy.order`. */
  readonly check: string
  readonly verdict: Verdict
  /** One sentence, with the figures. */
  readonly found: string
  /** What to do about it; null where there is nothing to do. */
  readonly advice: string | null
}

export const ok = (check: string, found: string): Finding => ({
  check,
  verdict: 'ok',
  found,
  advice: null,
})

export const warning = (check: string, found: string, advice: string): Finding => ({
  ...{ check, verdict: 'warning', found, advice },
})

export const problem = (check: string, found: string, advice: string): Finding => ({
  ...{ check, verdict: 'problem', found, advice },
})

export const unknown = (check: string, found: string, advice: string | null = null): Finding => ({
  ...{ check, verdict: 'unknown', found, advice },
})
