import { setTimeout as sleep } from 'node:timers/promises'
import { load } from './load.js'
import { startRig } from './rig.js'

/*
 * The observer at half the speed it needs: callers come at R calls/s, for which it uses a share of a core, and it is given half of
 * that share (SIGSTOP and SIGCONT in turns). Callers must not notice; every call that was not observed must be in the ledger.
 */

const CALLERS = 16
const CALLS = 4_000
const ROUNDS = 3
const TURN_MS = 40

const rig = await startRig('all')
try {
  await load(rig.flint, CALLERS, CALLS)
  await load(rig.bareEnvoy, CALLERS, CALLS)
  const before = rig.cpuUs('observer')
  const startedAt = performance.now()
  const calm = await load(rig.flint, CALLERS, CALLS)
  const bare = await load(rig.bareEnvoy, CALLERS, CALLS)
  await sleep(2_000)
  const usedUs = rig.cpuUs('observer') - before
  const share = Math.min(1, usedUs / 1e3 / ((CALLS / calm.callsPerSecond) * 1e3))
  const duty = share / 2
  console.log(
    `calm: ${Math.round(calm.callsPerSecond)} calls/s, the observer uses ${(share * 100).toFixed(0)} % of a core; it is given ${(duty * 100).toFixed(0)} %`,
  )
  console.log(`(calibrated in ${((performance.now() - startedAt) / 1000).toFixed(1)} s)`)

  let throttling = true
  const pid = rig.pid('observer')
  const throttle = (async () => {
    while (throttling) {
      process.kill(pid, 'SIGSTOP')
      await sleep(TURN_MS * (1 - duty))
      process.kill(pid, 'SIGCONT')
      await sleep(Math.max(1, TURN_MS * duty))
    }
  })()
  const overloaded = []
  const bares = []
  for (let round = 0; round < ROUNDS; round++) {
    overloaded.push(await load(rig.flint, CALLERS, CALLS))
    bares.push(await load(rig.bareEnvoy, CALLERS, CALLS))
  }
  throttling = false
  await throttle
  const mean = (numbers: readonly number[]) => numbers.reduce((sum, number) => sum + number, 0) / numbers.length
  const line = (name: string, p50Ms: number, p99Ms: number) =>
    console.log(`${name.padEnd(26)} p50 ${p50Ms.toFixed(2)} ms  p99 ${p99Ms.toFixed(2)} ms`)
  const [p50, p99] = [mean(overloaded.map((round) => round.p50Ms)), mean(overloaded.map((round) => round.p99Ms))]
  line('bare Envoy', mean([bare, ...bares].map((round) => round.p50Ms)), mean([bare, ...bares].map((round) => round.p99Ms)))
  line('Flint, observer calm', calm.p50Ms, calm.p99Ms)
  line('Flint, observer overloaded', p50, p99)
  console.log(`failed calls: ${overloaded.reduce((sum, round) => sum + round.failures, 0)}`)
  console.log(`ratio overloaded / calm: p50 ${(p50 / calm.p50Ms).toFixed(2)}, p99 ${(p99 / calm.p99Ms).toFixed(2)}`)
  console.log(`ratio overloaded / bare Envoy: p50 ${(p50 / mean(bares.map((round) => round.p50Ms))).toFixed(2)}`)

  await sleep(30_000)
  const ledger = JSON.parse(rig.cli('losses', '--json', '--limit', '10000')) as {
    calls: number
    lost: number
    open: number
    losses: unknown[]
  }
  const [counted] = JSON.parse(`[${rig.cli('sql', '--json', "SELECT countIf(outcome = 'complete') AS complete FROM calls").trim()}]`) as [
    { complete: number },
  ]
  console.log(
    `ledger: ${ledger.calls} calls, ${counted.complete} complete, ${ledger.lost} lost (${ledger.losses.length} named), ${ledger.open} open`,
  )
  console.log(`unaccounted: ${ledger.calls - counted.complete - ledger.lost - ledger.open}`)
} finally {
  await rig.stop()
}
