import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import Table from 'cli-table3'
import { ATTACKS, attackFor } from '../test/attack/attacks.ts'
import { goodCallers, median } from '../test/attack/good-callers.ts'
import { type Rig, startRig } from './rig.ts'

/*
 * Each attack of test/attack against a fresh Flint whose every process is on one core, beside the
 * same attack on a bare Envoy on that core. Meanwhile another organisation makes calls at an even
 * pace: they must all be answered and recorded once, complete or named. Printed is how much slower
 * they became than in the calm before, here and there; attackers and provider are on the other
 * cores.
 */

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '10' }, size: { type: 'string', default: '4' } },
})
const seconds = Math.min(Number(values.seconds), 60)
const size = Math.min(Number(values.size), 32)
if (!(seconds > 0) || !Number.isInteger(size) || size < 1)
  throw new Error('--seconds is a number of seconds, --size a whole number')

const CALM_SECONDS = 3
const SETTLED_WITHIN_SECONDS = 90
const PARTS = ['clickhouse', 'delivery', 'observer', 'gate', 'api', 'envoy'] as const

const rig = await startRig('one')
const origin = (target: { readonly url: string }) => new URL(target.url).origin
const key = (rig.flint.headers['authorization'] ?? '').slice('Bearer '.length)
const table = new Table({
  head: [
    'attack',
    'good calls',
    'failed',
    'not complete',
    'parts ended',
    'p50 calm, under attack ms',
    'slower',
    'bare Envoy',
  ],
})
let unheld = 0
try {
  const attacker = await makeAttacker(rig)
  await calls(origin(rig.flint), 'warm', CALM_SECONDS)
  for (const [index, attack] of ATTACKS.entries()) {
    const pids = PARTS.map((part) => rig.pid(part))
    const calm = median((await calls(origin(rig.flint), 'calm', CALM_SECONDS)).latencies)
    const round = `attack-${index}`
    const good = goodCallers(origin(rig.flint), key, round)
    await attackFor(attack, { baseUrl: origin(rig.flint), key: attacker, size }, seconds)
    await pause(2_000)
    const { answered, failures, latencies } = await good.stop()
    const incomplete = await notComplete(rig, round, answered)
    const ended = PARTS.filter((part, at) => rig.pid(part) !== pids[at])
    const slower = median(latencies) / calm
    const bare = attack.passesProxy ? await onBare(attack) : null
    if (failures.length > 0 || incomplete.undeclared > 0 || ended.length > 0) unheld += 1
    table.push([
      attack.name,
      answered,
      failures.length === 0 ? 0 : `${failures.length} (${[...new Set(failures)].join(', ')})`,
      incomplete.text,
      ended.join(', ') || 'none',
      `${calm.toFixed(1)}, ${median(latencies).toFixed(1)}`,
      `${slower.toFixed(1)} x`,
      bare === null ? '-' : `${bare.toFixed(1)} x`,
    ])
  }
  console.log(
    `everything of Flint on one core, ${seconds} s an attack at size ${size}; good calls every 20 ms, medians`,
  )
  console.log(table.toString())
  console.log(unheld === 0 ? 'every attack held' : `${unheld} attacks did not hold`)
} finally {
  await rig.stop()
}
process.exit(unheld === 0 ? 0 : 1)

async function calls(baseUrl: string, round: string, forSeconds: number) {
  const good = goodCallers(baseUrl, key, round)
  await pause(forSeconds * 1_000)
  return good.stop()
}

/** How much slower good calls became on the bare Envoy. */
async function onBare(attack: (typeof ATTACKS)[number]): Promise<number> {
  const baseUrl = origin(rig.bareEnvoy)
  const calm = median((await calls(baseUrl, 'bare', CALM_SECONDS)).latencies)
  const good = goodCallers(baseUrl, key, 'bare')
  await attackFor(attack, { baseUrl, key, size }, seconds)
  await pause(2_000)
  return median((await good.stop()).latencies) / calm
}

async function makeAttacker(here: Rig): Promise<string> {
  const made = JSON.parse(here.cli('orgs', 'create', '--name', 'Attacker', '--json')) as {
    organisation: { id: string }
    key: { key: string }
  }
  here.cli('settings', 'set', '--org', made.organisation.id, '--prompt-capture', 'on')
  // The gate reads keys and settings anew every few seconds.
  await pause(11_000)
  return made.key.key
}

/**
 * Of the good calls of a round, those whose record is not there, or not whole; a record that says
 * why is declared.
 */
async function notComplete(
  here: Rig,
  round: string,
  answered: number,
): Promise<{ text: string; undeclared: number }> {
  const sql = `SELECT outcome, ifNull(capture_gap, '') AS gap, count() AS calls FROM calls_folded WHERE outcome IS NOT NULL AND tags['round'] = '${round}' GROUP BY outcome, gap`
  for (let waited = 0; ; waited += 2) {
    const rows = here
      .cli('sql', '--json', sql)
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as { outcome: string; gap: string; calls: number })
    const recorded = rows.reduce((sum, row) => sum + Number(row.calls), 0)
    if (recorded >= answered || waited >= SETTLED_WITHIN_SECONDS) {
      const named = rows.filter(({ outcome, gap }) => outcome !== 'complete' || gap !== '')
      const missing = Math.abs(answered - recorded)
      const texts = [
        ...named.map((row) => `${row.calls} ${row.outcome} ${row.gap}`),
        ...(missing > 0 ? [`${missing} missing or doubled`] : []),
      ]
      return { text: texts.join('; ') || '0', undeclared: missing }
    }
    await pause(2_000)
  }
}
