/**
 * What a Flint takes that no one calls: `node dist/bench/rest.js [seconds]`, by process. Linux only
 * (/proc).
 */
import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import { textTable } from '../src/text-table.ts'
import { startFlint } from '../test/support/flint.ts'
import { processTree } from '../test/support/process-tree.ts'

const seconds = Number(process.argv[2] ?? 60)
const ROLES = ['clickhouse', 'delivery', 'observer', 'gate', 'api', 'envoy'] as const
const TICKS_PER_SECOND = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }))

interface Taken {
  readonly cpuSeconds: number
  readonly writtenBytes: number
  readonly pssBytes: number
}

/**
 * user and system time are fields 14 and 15 of /proc/<pid>/stat (proc(5)), counted from behind the
 * name.
 */
function takenBy(pid: number): Taken {
  const fields = fs.readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? []
  const number = (file: string, name: RegExp) =>
    Number(name.exec(fs.readFileSync(`/proc/${pid}/${file}`, 'utf8'))?.[1] ?? 0)
  return {
    cpuSeconds: (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND,
    writtenBytes: number('io', /^write_bytes: (\d+)$/m),
    pssBytes: number('smaps_rollup', /^Pss:\s+(\d+) kB$/m) * 1024,
  }
}

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

const flint = await startFlint({ upstream: 'http://127.0.0.1:9' })
try {
  const names = new Map<number, string>(ROLES.map((role) => [flint.pid(role), role]))
  const pids = processTree(flint.process.pid ?? 0)
  const nameOf = (pid: number) => names.get(pid) ?? (pid === flint.process.pid ? 'up' : 'guardians')
  await wait(seconds * 1_000)
  const before = new Map(pids.map((pid) => [pid, takenBy(pid)]))
  const startedAtMs = performance.now()
  await wait(seconds * 1_000)
  const tookSeconds = (performance.now() - startedAtMs) / 1_000
  const sums = new Map<string, { cpu: number; written: number; pss: number }>()
  for (const [pid, then] of before) {
    const now = takenBy(pid)
    for (const name of [nameOf(pid), 'all']) {
      const sum = sums.get(name) ?? { cpu: 0, written: 0, pss: 0 }
      sum.cpu += now.cpuSeconds - then.cpuSeconds
      sum.written += now.writtenBytes - then.writtenBytes
      sum.pss += now.pssBytes
      sums.set(name, sum)
    }
  }
  const all = sums.get('all')
  sums.delete('all')
  const rows = [...sums, ...(all ? [['all', all] as const] : [])].map(
    ([name, { cpu, written, pss }]) => [
      name,
      `${((cpu / tookSeconds) * 100).toFixed(2)} %`,
      `${((written / 1_000 / tookSeconds) * 60).toFixed(0)} KB`,
      `${(pss / 1e6).toFixed(0)} MB`,
    ],
  )
  console.log(textTable(['process', 'of a core', 'written a minute', 'PSS'], rows))
} finally {
  await flint.stop()
}
