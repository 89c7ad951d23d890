import type { Evidence } from './evidence.ts'

/**
 * Which of two folds of a call has seen more: the sum of the latest version of each kind. It grows
 * with every row that changes the fold (a `sighting` does not), and duplicates and merges leave it
 * as it is. In SQL: `fold_version` of the view `call_versions`.
 *
 * Microseconds, several times over: beyond what a JSON number holds.
 */
export function foldVersion(evidence: readonly Evidence[]): bigint {
  const latest = new Map<string, number>()
  for (const { kind, version } of evidence)
    if (kind !== 'sighting') latest.set(kind, Math.max(latest.get(kind) ?? 0, version))
  return [...latest.values()].reduce((sum, version) => sum + BigInt(version), 0n)
}
