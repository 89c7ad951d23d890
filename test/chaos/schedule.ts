import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { type FlintUnderTest, isAlive } from '../support/flint.ts'
import { pick, seeded } from './seeded.ts'
import type { TruthProvider } from './truth-provider.ts'

export const ROLES = ['gate', 'observer', 'api', 'clickhouse', 'delivery', 'envoy'] as const
type Role = (typeof ROLES)[number]

const TARGETS: readonly [Role, ...Role[]] = [
  'gate',
  'observer',
  'observer',
  'api',
  'clickhouse',
  'delivery',
  'envoy',
]

/** What was done to Flint. */
export interface Harm {
  kills: Record<Role, number>
  pauses: number
  providerCuts: number
  diskFills: number
}

export interface ScheduleOptions {
  readonly flint: FlintUnderTest
  readonly provider: TruthProvider
  readonly seed: number
  readonly running: () => boolean
  readonly say: (line: string) => void
}

/** About one harm in so long: callers get some calls through in between. */
const EVERY_MS = 1_900
const LONGEST_PAUSE_MS = 1_500
const DISK_FULL_MS = 1_500

/**
 * Kills, pauses, cuts and fills in the order that the seed says, until the time is over; everything
 * runs on afterwards.
 */
export async function harm({
  flint,
  provider,
  seed,
  running,
  say,
}: ScheduleOptions): Promise<Harm> {
  const random = seeded(seed)
  const done: Harm = {
    kills: { gate: 0, observer: 0, api: 0, clickhouse: 0, delivery: 0, envoy: 0 },
    pauses: 0,
    providerCuts: 0,
    diskFills: 0,
  }
  const spoolDisk = mountedSpool(flint.dataDir)
  while (running()) {
    await sleep(EVERY_MS * (0.5 + random()))
    const role = pick(random, TARGETS)
    const what = random()
    const pid = pidOf(flint, role)
    if (what < 0.78) {
      if (pid === null) continue
      process.kill(pid, 'SIGKILL')
      done.kills[role] += 1
    } else if (what < 0.9) {
      if (pid === null) continue
      process.kill(pid, 'SIGSTOP')
      await sleep(LONGEST_PAUSE_MS * random())
      if (isAlive(pid)) process.kill(pid, 'SIGCONT')
      done.pauses += 1
    } else if (what < 0.96 || spoolDisk === null) {
      if (provider.cutAll() > 0) done.providerCuts += 1
    } else {
      await fillDisk(spoolDisk)
      done.diskFills += 1
    }
  }
  say(`harm done: ${JSON.stringify(done)}`)
  return done
}

function pidOf(flint: FlintUnderTest, role: Role): number | null {
  try {
    const pid = flint.pid(role)
    return isAlive(pid) ? pid : null
  } catch {
    // Being started again just now.
    return null
  }
}

async function fillDisk(directory: string): Promise<void> {
  const filler = path.join(directory, 'filler')
  const fd = fs.openSync(filler, 'w')
  try {
    const block = Buffer.alloc(256 * 1024)
    for (;;) fs.writeSync(fd, block)
  } catch {
    // Full.
  } finally {
    fs.closeSync(fd)
  }
  await sleep(DISK_FULL_MS)
  fs.rmSync(filler, { force: true })
}

/**
 * The spool on a small disk of its own, where this process may mount one; made before Flint starts.
 */
export function mountSpool(dataDir: string): boolean {
  const spool = path.join(dataDir, 'spool')
  fs.mkdirSync(spool, { recursive: true, mode: 0o700 })
  return (
    spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=96m,mode=0700', 'flint-chaos', spool]).status ===
    0
  )
}

export function unmountSpool(dataDir: string): void {
  if (mountedSpool(dataDir) !== null) spawnSync('umount', ['-l', path.join(dataDir, 'spool')])
}

function mountedSpool(dataDir: string): string | null {
  const spool = path.join(dataDir, 'spool')
  return fs.readFileSync('/proc/self/mounts', 'utf8').includes(` ${spool} `) ? spool : null
}

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
