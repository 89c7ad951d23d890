import http from 'node:http'
import { PROVIDER_KEY } from '../support/provider-key.ts'
import { rawCall } from '../support/raw-http.ts'
import { pick, seeded } from './seeded.ts'
import type { Plan } from './truth-provider.ts'

/** What the caller of one call saw of it. */
export interface CallersTruth {
  readonly id: string
  readonly plan: Plan
  /** The caller broke it off. */
  readonly left: boolean
  /** Null when no answer began. */
  readonly status: number | null
  readonly whole: boolean
  readonly bytes: number
}

const PLANS: readonly [Plan, ...Plan[]] = [
  'plain',
  'plain',
  'plain',
  'plain',
  'plain',
  'stream',
  'stream',
  'stream',
  'long stream',
  'cut midway',
  'cut at once',
]
const CALLERS = 24
const LEAVING = 0.05
/** The machine is shared with everything that is killed and started again. */
const PAUSE_MS = 60
const AFTER_FAILURE_MS = 100

export interface DriverOptions {
  readonly baseUrl: string
  readonly key: string
  readonly seed: number
  readonly running: () => boolean
}

/**
 * Calls through Envoy, one after the other in each caller, each with an id of its own and never a
 * second time.
 */
export async function drive({
  baseUrl,
  key,
  seed,
  running,
}: DriverOptions): Promise<CallersTruth[]> {
  const seen: CallersTruth[] = []
  const agent = new http.Agent({ keepAlive: true, maxSockets: CALLERS })
  let next = 0
  async function caller(random: () => number): Promise<void> {
    while (running()) {
      const id = `chaos-${seed}-${next++}`
      const plan = pick(random, PLANS)
      const leaving = plan.includes('stream') && random() < LEAVING ? new AbortController() : null
      const answer = await rawCall(`${baseUrl}/v1/proxy/openai/chat/completions`, {
        // A caller that leaves takes its connection along.
        agent: leaving ? false : agent,
        body: '{"model":"gpt-4o","messages":[]}',
        headers: {
          authorization: `Bearer ${key}`,
          'x-provider-key': PROVIDER_KEY,
          'content-type': 'application/json',
          'x-flint-request-id': id,
          'x-chaos-call': id,
          'x-chaos-plan': plan,
        },
        ...(leaving ? { onPiece: () => leaving.abort(), signal: leaving.signal } : {}),
      }).catch(() => null)
      seen.push({
        id,
        plan,
        left: leaving !== null,
        status: answer?.status ?? null,
        whole: answer?.complete === true,
        bytes: answer?.body.length ?? 0,
      })
      const failed = answer === null || answer.status === 503
      await new Promise((resolve) =>
        setTimeout(resolve, failed ? AFTER_FAILURE_MS : PAUSE_MS * random() * 2),
      )
    }
  }
  await Promise.all(
    Array.from({ length: CALLERS }, (_, number) => caller(seeded(seed * 1_000 + number))),
  )
  agent.destroy()
  return seen
}
