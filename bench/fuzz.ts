import { parseArgs } from 'node:util'
import zlib from 'node:zlib'
import { FUZZ_SEEDS, type FuzzSeed, fuzz } from '../src/providers/fixtures/fuzz.ts'
import type { Recording } from '../test/support/recorded-call.ts'
import { bodyOf, REAL_CALLS } from '../test/support/recorded-calls.ts'

/*
 * `npm run fuzz -- --runs 100000 --from 0`: mutated bodies, made-up and recorded; a run is the same
 * for the same number.
 */

const { values } = parseArgs({
  options: { runs: { type: 'string', default: '100000' }, from: { type: 'string', default: '0' } },
})
const runs = Number(values.runs)
const from = Number(values.from)
const STEP = 2_000
/** Bodies over this are mostly vectors and pictures. */
const MAX_BODY_BYTES = 40_000

function seedOf({ provider, request, response }: Recording): FuzzSeed[] {
  const raw = bodyOf(response)
  const body = raw[0] === 0x1f ? zlib.gunzipSync(raw) : raw
  if (response.status !== 200 || body.length > MAX_BODY_BYTES) return []
  const type = Object.entries(response.headers).find(
    ([name]) => name.toLowerCase() === 'content-type',
  )?.[1]
  const answerType = typeof type === 'string' ? type : null
  const known = provider === 'openai' || provider === 'anthropic' ? provider : 'gemini'
  return [
    {
      provider: known,
      method: request.method,
      endpoint: request.path.split('?')[0] ?? '',
      answerType,
      body,
    },
  ]
}

const recorded = REAL_CALLS.flatMap(({ recording }) => seedOf(recording))
const seeds = [...FUZZ_SEEDS, ...recorded]
const startedAtMs = performance.now()
let failed = 0
let peakMb = 0
for (let at = from; at < from + runs; at += STEP) {
  for (const { run, seed, body, problem } of await fuzz(
    seeds,
    at,
    Math.min(STEP, from + runs - at),
  )) {
    failed += 1
    console.log(
      `run ${run}, ${seed.provider} ${seed.endpoint}: ${problem}\n${body.slice(0, 2_000)}`,
    )
  }
  peakMb = Math.max(peakMb, process.memoryUsage().rss / 1024 / 1024)
}
const seconds = ((performance.now() - startedAtMs) / 1000).toFixed(0)
console.log(
  `${runs} mutated bodies of ${seeds.length} seeds, ${failed} failures, ${seconds} s, at most ${peakMb.toFixed(0)} MB resident`,
)
process.exit(failed === 0 ? 0 : 1)
