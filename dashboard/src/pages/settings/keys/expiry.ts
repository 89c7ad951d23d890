const DAY_MS = 86_400_000

/** How long a new key is good for. */
export const EXPIRIES = [
  { value: '30', label: '30 days' },
  { value: '90', label: '90 days' },
  { value: '365', label: 'A year' },
  { value: 'never', label: 'Does not expire' },
] as const
export type Expiry = (typeof EXPIRIES)[number]['value']

/** As the API takes it: ISO 8601, or null. */
export function expiresAt(expiry: Expiry, nowMs: number): string | null {
  return expiry === 'never' ? null : new Date(nowMs + Number(expiry) * DAY_MS).toISOString()
}
