import type { UserConnection } from './ask-as-user.ts'
import type { Attempt } from './break-outs.ts'

export interface Verdict {
  readonly attempt: Attempt
  readonly passed: boolean
  /** What came instead, or how it was refused; never what was read. */
  readonly outcome: string
}

/** Refusals that are as good as the expected one, in builds that look at grants earlier or later. */
const REFUSALS = [164, 497]

/** One attempt after the other; each as the user itself. */
export async function* verifyUser(
  user: UserConnection,
  attempts: readonly Attempt[],
): AsyncGenerator<Verdict> {
  for (const attempt of attempts) {
    const answer = await user.ask(attempt.sql, attempt.settings)
    const { expected } = attempt
    const passed = answer.answered
      ? 'rows' in expected && expected.rows === answer.rows
      : 'codes' in expected && [...expected.codes, ...REFUSALS].includes(answer.code)
    const outcome = answer.answered ? 'answered' : `${answer.name} (${answer.code})`
    yield { attempt, passed, outcome }
  }
}
