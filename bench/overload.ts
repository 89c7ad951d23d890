import { setTimeout as sleep } from 'node:timers/promises'
import { type Latencies, load, pacedLoad } from './load.js'
import { type Rig, startRig } from './rig.js'

/*
 * Twice the rate that the observer can take. The observer runs for a small part of the time
 * (SIGSTOP and SIGCONT in turns), so that it is the one bottleneck and the machine has time for
 * everybody else; what it can take is measured under a flood, then calls come at twice that rate,
 * on time whatever became of those before. Bare Envoy, Flint with a calm observer and Flint with an
 * overloaded one take turns at the same rate. Callers must not notice; every call that was not
 * observed must be in the ledger.
 */

const TURN_MS = 200
const DUTY = 0.1
const FLOOD_CALLS = 6_000
const ROUNDS = 5
const ROUND_SECONDS = 8

/** The observer runs for `DUTY` of the time until the returned function is called. */
function throttle(rig: Rig): () => Promise<void> {
  let throttling = true
  const pid = rig.pid('observer')
  const done = (async () => {
    while (throttling) {
      process.kill(pid, 'SIGSTOP')
      await sleep(TURN_MS * (1 - DUTY))
      process.kill(pid, 'SIGCONT')
      await sleep(TURN_MS * DUTY)
    }
  })()
  return async () => {
    throttling = false
    await done
  }
}

const observed = (rig: Rig) =>
  Number(/^flint_observer_observed_total (\d+)$/m.exec(rig.cli('metrics'))?.[1] ?? Number.NaN)
/** Resolves once the observer has nothing left to do. */
async function quiet(rig: Rig): Promise<void> {
  for (
    let before = Number.NaN, now = observed(rig);
    before !== now;
    before = now, now = observed(rig)
  )
    await sleep(2_000)
}
const mean = (numbers: readonly number[]) =>
  numbers.reduce((sum, number) => sum + number, 0) / numbers.length
const spread = (numbers: readonly number[]) => Math.max(...numbers) - Math.min(...numbers)

const rig = await startRig('all')
try {
  for (const target of [rig.flint, rig.bareEnvoy]) await load(target, 16, 4_000)
  await quiet(rig)

  const [observedBefore, cpuBefore] = [observed(rig), rig.cpuUs('observer')]
  await load(rig.flint, 16, FLOOD_CALLS)
  await quiet(rig)
  const usPerCall = (rig.cpuUs('observer') - cpuBefore) / (observed(rig) - observedBefore)
  // Under a flood it works whenever it may: the share of a core that it got is what it has.
  let stopThrottling = throttle(rig)
  const [floodedAt, floodedCpu] = [performance.now(), rig.cpuUs('observer')]
  await load(rig.flint, 16, FLOOD_CALLS)
  const share = (rig.cpuUs('observer') - floodedCpu) / ((performance.now() - floodedAt) * 1000)
  await stopThrottling()
  await quiet(rig)
  const capacity = (share * 1e6) / usPerCall
  const rate = Math.round(capacity * 2)
  console.log(
    `a call costs the observer ${Math.round(usPerCall)} us; given ${(share * 100).toFixed(1)} % of a core it can take ${Math.round(capacity)} calls/s; calls come at ${rate}/s`,
  )

  const rounds: Record<'bare Envoy' | 'calm' | 'overloaded', Latencies[]> = {
    'bare Envoy': [],
    calm: [],
    overloaded: [],
  }
  for (let round = 0; round < ROUNDS; round++) {
    rounds['bare Envoy'].push(await pacedLoad(rig.bareEnvoy, rate, rate * ROUND_SECONDS))
    rounds.calm.push(await pacedLoad(rig.flint, rate, rate * ROUND_SECONDS))
    stopThrottling = throttle(rig)
    rounds.overloaded.push(await pacedLoad(rig.flint, rate, rate * ROUND_SECONDS))
    await stopThrottling()
    await quiet(rig)
  }
  for (const [name, its] of Object.entries(rounds)) {
    const p50s = its.map(({ p50Ms }) => p50Ms)
    const p99s = its.map(({ p99Ms }) => p99Ms)
    const [p50, p99] = [mean(p50s), mean(p99s)].map((ms) => ms.toFixed(2))
    const [noise50, noise99] = [spread(p50s), spread(p99s)].map((ms) => ms.toFixed(2))
    console.log(
      `${name.padEnd(12)} p50 ${p50} ms (noise ${noise50})  p99 ${p99} ms (noise ${noise99})  failed ${its.reduce((sum, { failures }) => sum + failures, 0)}`,
    )
  }
  const ratio = (one: keyof typeof rounds, other: keyof typeof rounds, of: 'p50Ms' | 'p99Ms') =>
    (mean(rounds[one].map((its) => its[of])) / mean(rounds[other].map((its) => its[of]))).toFixed(2)
  for (const of of ['p50Ms', 'p99Ms'] as const)
    console.log(
      `${of.slice(0, 3)}: overloaded / calm ${ratio('overloaded', 'calm', of)}, overloaded / bare Envoy ${ratio('overloaded', 'bare Envoy', of)}, calm / bare Envoy ${ratio('calm', 'bare Envoy', of)}`,
    )

  // The last missing observations are given up 15 s after their calls.
  await sleep(30_000)
  const ledger = JSON.parse(rig.cli('losses', '--json', '--limit', '10000')) as {
    calls: number
    lost: number
    open: number
    losses: unknown[]
  }
  const counted = JSON.parse(
    rig.cli('sql', '--json', "SELECT countIf(outcome = 'complete') AS complete FROM calls"),
  ) as {
    complete: number
  }
  console.log(
    `ledger: ${ledger.calls} calls, ${counted.complete} complete, ${ledger.lost} lost (${ledger.losses.length} named on the first page), ${ledger.open} open`,
  )
  console.log(`unaccounted: ${ledger.calls - counted.complete - ledger.lost - ledger.open}`)
} finally {
  await rig.stop()
}
