import os from 'node:os'
import { parseArgs } from 'node:util'
import Table from 'cli-table3'
import { type Latencies, load, openStreams, percentile, type Target } from './load.ts'
import { type Rig, startRig } from './rig.ts'
import { spoolFigures } from './spool.ts'
import { transportFigures } from './transport.ts'

/*
 * Method: provider, bare Envoy (Flint's own bootstrap without Flint) and Flint run side by side and
 * are measured in turns, several rounds; a cell is the median of its rounds. The noise floor is
 * what the same measurement of the same thing differs by between rounds. Ratios and differences
 * within one run mean something here; absolute times less.
 */

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    calls: { type: 'string', default: '2000' },
    streams: { type: 'string', default: '4000' },
    /** chain, memory, spool or transport; all of them when left out. */
    only: { type: 'string' },
  },
})
const rounds = Number(values.rounds)
const calls = Number(values.calls)

const ms = (value: number) => value.toFixed(2)
const us = (value: number) => value.toFixed(0)
const median = (numbers: readonly number[]) => percentile(numbers, 50)
const spread = (numbers: readonly number[]) => Math.max(...numbers) - Math.min(...numbers)
const table = (head: readonly string[], rows: ReadonlyArray<readonly string[]>) => {
  const printed = new Table({ head: [...head], style: { head: [], border: [] } })
  for (const row of rows) printed.push([...row])
  console.log(printed.toString())
}

function streaming(target: Target, deltas: number): Target {
  return { ...target, headers: { ...target.headers, 'x-bench-deltas': String(deltas) } }
}

async function latency(rig: Rig, callers: number): Promise<void> {
  const paths = { 'no proxy': rig.direct, 'bare Envoy': rig.bareEnvoy, Flint: rig.flint }
  const seen = new Map<string, Latencies[]>()
  for (let round = 0; round < rounds; round++) {
    for (const [name, target] of Object.entries(paths))
      seen.set(name, [...(seen.get(name) ?? []), await load(target, callers, calls)])
  }
  const base = seen.get('no proxy') ?? []
  const rows = [...seen].map(([name, rounds]) => {
    const added = (pick: (l: Latencies) => number) =>
      ms(median(rounds.map(pick)) - median(base.map(pick)))
    return [
      name,
      ms(median(rounds.map((l) => l.p50Ms))),
      ms(median(rounds.map((l) => l.p99Ms))),
      added((l) => l.p50Ms),
      added((l) => l.p99Ms),
      us(median(rounds.map((l) => l.callsPerSecond))),
      ms(spread(rounds.map((l) => l.p50Ms))),
      String(rounds.reduce((sum, l) => sum + l.failures, 0)),
    ]
  })
  console.log(
    `\nplain call, ${callers} caller${callers > 1 ? 's' : ''}, ${rounds} rounds of ${calls} calls each, milliseconds`,
  )
  table(['path', 'p50', 'p99', 'added p50', 'added p99', 'calls/s', 'noise p50', 'failed'], rows)
}

async function firstByte(rig: Rig): Promise<void> {
  const rows: string[][] = []
  const firsts = new Map<string, number[]>()
  for (let round = 0; round < rounds; round++) {
    for (const [name, target] of Object.entries({
      'no proxy': rig.direct,
      'bare Envoy': rig.bareEnvoy,
      Flint: rig.flint,
    })) {
      firsts.set(name, [
        ...(firsts.get(name) ?? []),
        (await load(streaming(target, 64), 1, Math.ceil(calls / 10))).firstByteP50Ms,
      ])
    }
  }
  const base = median(firsts.get('no proxy') ?? [])
  for (const [name, list] of firsts)
    rows.push([name, ms(median(list)), ms(median(list) - base), ms(spread(list))])
  console.log('\ntime to the first byte of a 64-delta stream, one caller, milliseconds')
  table(['path', 'p50', 'added', 'noise'], rows)
}

async function cpu(
  rig: Rig,
  what: string,
  flint: Target,
  bare: Target,
  count: number,
): Promise<void> {
  const parts = ['gate', 'observer', 'delivery', 'envoy', 'clickhouse', 'bare']
  const perCall = new Map<string, number[]>(parts.map((part) => [part, []]))
  for (let round = 0; round < rounds; round++) {
    const before = new Map(parts.map((part) => [part, rig.cpuUs(part)]))
    await load(bare, 16, count)
    await load(flint, 16, count)
    // What the parts still do for these calls belongs to them.
    await new Promise((resolve) => setTimeout(resolve, 1_000))
    for (const part of parts)
      perCall.get(part)?.push((rig.cpuUs(part) - (before.get(part) ?? 0)) / count)
  }
  const of = (part: string) => perCall.get(part) ?? []
  const gateAndObserver = of('gate').map((value, round) => value + (of('observer')[round] ?? 0))
  console.log(`\nCPU per ${what}, 16 callers, microseconds`)
  table(
    [
      'gate',
      'observer',
      'gate + observer',
      'noise',
      'delivery',
      'ClickHouse',
      'Envoy',
      'bare Envoy',
    ],
    [
      [
        us(median(of('gate'))),
        us(median(of('observer'))),
        us(median(gateAndObserver)),
        us(spread(gateAndObserver)),
        us(median(of('delivery'))),
        us(median(of('clickhouse'))),
        us(median(of('envoy'))),
        us(median(of('bare'))),
      ],
    ],
  )
}

/** On a fresh start, so that memory which earlier load left to the heap is not taken for free. */
async function memory(count: number): Promise<void> {
  const rig = await startRig('all')
  try {
    const hold = { ...rig.flint, headers: { ...rig.flint.headers, 'x-bench-hold': '1' } }
    // Code and pools of the first streams belong to the process, not to a stream.
    const first = await openStreams(hold, 200)
    const parts = ['gate', 'observer']
    const before = new Map(parts.map((part) => [part, rig.residentBytes(part)]))
    const more = await openStreams(hold, count)
    await new Promise((resolve) => setTimeout(resolve, 2_000))
    const perStream = parts.map(
      (part) => (rig.residentBytes(part) - (before.get(part) ?? 0)) / count / 1024,
    )
    first.close()
    more.close()
    console.log(
      `\nresident memory per open stream: a fresh start, 200 streams, then ${count} more, KiB`,
    )
    table(
      ['gate', 'observer', 'together'],
      [
        [
          ...perStream.map((kib) => kib.toFixed(1)),
          perStream.reduce((sum, kib) => sum + kib, 0).toFixed(1),
        ],
      ],
    )
  } finally {
    await rig.stop()
  }
}

console.log(
  `machine: ${os.cpus()[0]?.model}, ${os.cpus().length} cores, Node ${process.version}, ${os.platform()} ${os.release()}`,
)
const wanted = (section: string) => values.only === undefined || values.only === section

for (const cores of wanted('chain') ? (['one', 'all'] as const) : []) {
  console.log(
    cores === 'one'
      ? '\n== everything of Envoy and Flint on one core; callers and provider on the others =='
      : '\n== all cores, nothing pinned ==',
  )
  const rig = await startRig(cores)
  try {
    // Compilers and connection pools first; the first rounds of anything in Node measure the
    // compiler.
    for (const target of [rig.direct, rig.bareEnvoy, rig.flint]) await load(target, 16, calls * 2)
    for (const target of [rig.bareEnvoy, rig.flint]) await load(streaming(target, 64), 16, calls)
    await latency(rig, 1)
    await latency(rig, 16)
    await firstByte(rig)
    await cpu(rig, 'plain call', rig.flint, rig.bareEnvoy, calls * 2)
    await cpu(
      rig,
      '50-delta stream',
      streaming(rig.flint, 50),
      streaming(rig.bareEnvoy, 50),
      Math.ceil(calls / 2),
    )
    await cpu(
      rig,
      '64-delta stream',
      streaming(rig.flint, 64),
      streaming(rig.bareEnvoy, 64),
      Math.ceil(calls / 2),
    )
  } finally {
    await rig.stop()
  }
}
if (wanted('memory')) await memory(Number(values.streams))

if (wanted('spool')) {
  console.log('\nspool commit, one row at a time, microseconds')
  table(
    ['what', 'p50', 'p99'],
    (await spoolFigures(5_000)).map(({ what, p50Us, p99Us }) => [what, us(p50Us), us(p99Us)]),
  )
}

if (wanted('transport')) {
  console.log(
    '\ngRPC transport: one header exchange per stream, as the gate does it, CPU of the server in microseconds',
  )
  table(
    ['transport', 'CPU per stream', 'noise'],
    (await transportFigures(rounds)).map(({ transport, cpuUs, noiseUs }) => [
      transport,
      us(cpuUs),
      us(noiseUs),
    ]),
  )
}
