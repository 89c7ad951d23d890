import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { sampleIntent } from '../src/evidence/sample-evidence.ts'
import { type Durability, SegmentSpool } from '../src/spool/segment-spool.ts'
import { percentile } from './load.ts'

export interface SpoolFigure {
  readonly what: string
  readonly p50Us: number
  readonly p99Us: number
}

/**
 * One row at a time, as one caller makes them: from `append` to its confirmation, beside the disk's
 * own write and flush.
 */
export async function spoolFigures(rows: number): Promise<SpoolFigure[]> {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'flint-spool-'))
  try {
    const figures = [
      floor('disk: write()', directory, rows, false),
      floor('disk: write() + fdatasync()', directory, Math.min(rows, 500), true),
    ]
    for (const durability of ['write', 'fsync'] as const)
      figures.push(
        await spool(durability, directory, durability === 'fsync' ? Math.min(rows, 500) : rows),
      )
    return figures
  } finally {
    fs.rmSync(directory, { recursive: true, force: true })
  }
}

const ROW = sampleIntent({ org: 'org_bench', createdAtMs: Date.now() })

function floor(what: string, directory: string, rows: number, flush: boolean): SpoolFigure {
  const line = Buffer.from(`${JSON.stringify(ROW)}\n`)
  const fd = fs.openSync(path.join(directory, `floor-${flush}`), 'a')
  const tookUs: number[] = []
  for (let i = 0; i < rows; i++) {
    const startedAt = performance.now()
    fs.writeSync(fd, line)
    if (flush) fs.fdatasyncSync(fd)
    tookUs.push((performance.now() - startedAt) * 1000)
  }
  fs.closeSync(fd)
  return { what, p50Us: percentile(tookUs, 50), p99Us: percentile(tookUs, 99) }
}

async function spool(
  durability: Durability,
  directory: string,
  rows: number,
): Promise<SpoolFigure> {
  const target = new SegmentSpool({ directory: path.join(directory, durability), durability })
  const tookUs: number[] = []
  for (let i = 0; i < rows; i++) {
    const startedAt = performance.now()
    await new Promise<void>((resolve, reject) =>
      target.append(ROW, (error) => (error ? reject(error) : resolve())),
    )
    tookUs.push((performance.now() - startedAt) * 1000)
  }
  target.close()
  return {
    what: `spool: ${durability}`,
    p50Us: percentile(tookUs, 50),
    p99Us: percentile(tookUs, 99),
  }
}
