import fs from 'node:fs'
import { libc, openLibc } from '../../libc.ts'

/** madvise(2), include/uapi/asm-generic/mman-common.h. */
const MADV_DONTNEED = 4

/**
 * Gives back the pages of a library that its start touched: 200 MB of 600, most of which no query
 * needs again. Only those are given back that are as the file has them; one that is needed comes
 * from the system's page cache. Linux alone; elsewhere nothing is done.
 */
export function releaseStartUpPages(libraryPath: string): void {
  if (process.platform !== 'linux') return
  const mappings = unchangedMappings(fs.readFileSync('/proc/self/smaps', 'utf8'), libraryPath)
  if (mappings.length === 0) return
  openLibc()
  for (const { start, bytes } of mappings) libc('madvise', start, bytes, MADV_DONTNEED)
}

interface Mapping {
  readonly start: number
  readonly bytes: number
}

/**
 * Mappings of a file that cannot be written and of which no page was (relocated tables were, before
 * they became read-only): proc_pid_smaps(5).
 */
export function unchangedMappings(smaps: string, file: string): Mapping[] {
  return smaps.split(/\n(?=[0-9a-f]+-[0-9a-f]+ )/).flatMap((mapping) => {
    const [head = ''] = mapping.split('\n', 1)
    const [range = '', rights = '', , , , ...name] = head.split(/ +/)
    const [from = '', to = ''] = range.split('-')
    const isUnchanged = /^Anonymous: +0 kB$/m.test(mapping)
    if (name.join(' ') !== file || rights.includes('w') || !isUnchanged) return []
    const start = Number.parseInt(from, 16)
    return [{ start, bytes: Number.parseInt(to, 16) - start }]
  })
}
