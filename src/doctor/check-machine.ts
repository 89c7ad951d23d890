import fs from 'node:fs'
import { type Finding, ok, problem, unknown, warning } from './finding.ts'

const GIB = 1024 ** 3
const MIB = 1024 ** 2
/** Of a volume: below it records of a busy day may not fit any more. */
const LOW_DISK_BYTES = 5 * GIB
const FULL_DISK_BYTES = 512 * MIB
/** Below it a few hundred callers use them up (envoy/open-files.ts). */
const FEW_OPEN_FILES = 10_240
const SLOW_CLOCK_MS = 1_000
const WRONG_CLOCK_MS = 30_000

/** Whether the data directory is its owner's alone, and how much is free on its disk. */
export function checkDisk(dataDir: string): readonly Finding[] {
  const found = fs.statSync(dataDir, { throwIfNoEntry: false })
  if (!found?.isDirectory())
    return [
      unknown(
        'disk',
        `${dataDir} is not there: no Flint has run here yet`,
        'start Flint, or set dataDir',
      ),
    ]
  const { bavail, bsize, ffree, files } = fs.statfsSync(dataDir)
  const freeBytes = bavail * bsize
  const free = `${(freeBytes / GIB).toFixed(1)} GiB free for ${dataDir}`
  const more =
    'free some space, or give dataDir a bigger volume: a full disk turns calls away (503)'
  return [
    freeBytes < FULL_DISK_BYTES
      ? problem('disk.space', free, more)
      : freeBytes < LOW_DISK_BYTES
        ? warning('disk.space', free, more)
        : ok('disk.space', free),
    files > 0 && ffree / files < 0.02
      ? warning(
          'disk.files',
          `${ffree} of ${files} inodes are free`,
          'remove small files from that volume',
        )
      : ok(
          'disk.files',
          files > 0 ? `${ffree} inodes free` : 'a file system without a limit on files',
        ),
    (found.mode & 0o077) === 0
      ? ok('disk.private', `${dataDir} is its owner's alone`)
      : problem(
          'disk.private',
          `others may look into ${dataDir} (mode ${(found.mode & 0o777).toString(8)})`,
          `chmod 700 ${dataDir}`,
        ),
  ]
}

/** `limit`: how many files this process, and those it starts, may have open. */
export function checkOpenFiles(limit: number): Finding {
  return limit < FEW_OPEN_FILES
    ? warning(
        'open_files',
        `${limit} open files are allowed`,
        'raise the limit (ulimit -n 65536, LimitNOFILE=65536): each call takes two',
      )
    : ok('open_files', `${limit} open files are allowed`)
}

/** `offsetMs`: this machine's clock minus the store's; `uncertaintyMs`: half of the round trip. */
export function checkClock(offsetMs: number, uncertaintyMs: number): Finding {
  const apart = Math.max(0, Math.abs(offsetMs) - uncertaintyMs)
  const found = `this machine's clock and ClickHouse's are ${Math.round(apart)} ms apart at least`
  const advice = 'run NTP on both: keys end, and records are found, by the time of day'
  if (apart > WRONG_CLOCK_MS) return problem('clock', found, advice)
  return apart > SLOW_CLOCK_MS ? warning('clock', found, advice) : ok('clock', found)
}
