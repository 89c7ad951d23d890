import { type Finding, ok, problem, unknown, warning } from './finding.ts'

/** What runs here and what waits, as `GET /v1/system` has it. */
export interface PartsSeen {
  readonly parts: ReadonlyArray<{
    readonly part: string
    readonly state: 'up' | 'down' | 'unknown'
  }>
  readonly backlog: {
    readonly evidenceBytes: number | null
    readonly oldestEvidenceAt: string | null
    readonly quarantineBytes: number | null
    readonly deadLetters: number | null
  }
}

const LATE_MS = 60_000
const VERY_LATE_MS = 3_600_000

/** Roles on this machine, and evidence that waits for ClickHouse. */
export function checkParts({ parts, backlog }: PartsSeen, nowMs: number): readonly Finding[] {
  const roles = parts.map(({ part, state }) => {
    const check = `role.${part}`
    if (state === 'up') return ok(check, 'it answers')
    return state === 'down'
      ? problem(
          check,
          'it ran here and does not answer',
          'look at its log in the data directory, and start it',
        )
      : unknown(check, 'not on this machine, as far as can be seen')
  })
  return [...roles, ...checkBacklog(backlog, nowMs)]
}

function checkBacklog(
  { evidenceBytes, oldestEvidenceAt, deadLetters }: PartsSeen['backlog'],
  nowMs: number,
): readonly Finding[] {
  if (evidenceBytes === null) return [unknown('backlog', 'delivery does not run on this machine')]
  const waitedMs = oldestEvidenceAt === null ? 0 : nowMs - Date.parse(oldestEvidenceAt)
  const found = `${evidenceBytes} bytes of evidence wait, the oldest for ${Math.round(waitedMs / 1_000)} s`
  const advice = 'ClickHouse is away or too slow: `npx flint metrics`, flint_delivery_held_back'
  return [
    waitedMs > VERY_LATE_MS
      ? problem('backlog', found, advice)
      : waitedMs > LATE_MS
        ? warning('backlog', found, advice)
        : ok('backlog', found),
    (deadLetters ?? 0) > 0
      ? warning(
          'dead_letters',
          `${deadLetters} rows were refused by ClickHouse and are kept`,
          '`npx flint dead-letters list`',
        )
      : ok('dead_letters', 'no row was refused'),
  ]
}
