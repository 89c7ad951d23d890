import path from 'node:path'
import type { ContentLine } from '../content/content-line.ts'
import { jsonLine } from '../evidence/json-line.ts'
import type { Installation } from '../installation.ts'
import { SegmentSpool } from '../spool/segment-spool.ts'
import type { SpoolCounters } from '../spool/spool-counters.ts'

/**
 * A role's own directory of evidence; Only the gate reserves space, because intents must be written
 * even when the disk is otherwise full.
 */
export function openSpool(
  { config, paths, instance }: Installation,
  role: string,
  counters: SpoolCounters,
): SegmentSpool {
  return new SegmentSpool({
    directory: path.join(paths.spool, instance, role),
    durability: role === 'gate' ? config.intentDurability : 'write',
    maxBytes: config.spool.maxBytes,
    reserveBytes: role === 'gate' ? config.spool.reserveBytes : 0,
    leaveFreeBytes: role === 'gate' ? 0 : config.spool.reserveBytes,
    counters,
  })
}

/**
 * A role's own directory of prompts and completions: bounded by itself, so that text is refused
 * before evidence is.
 */
export function openContentSpool(
  { config, paths, instance }: Installation,
  role: string,
  counters: SpoolCounters,
): SegmentSpool<ContentLine> {
  return new SegmentSpool<ContentLine>({
    directory: path.join(paths.contentSpool, instance, role),
    maxBytes: config.content.spoolMaxBytes,
    // Cleaned before it was hashed, where the organisation wants that.
    toLine: jsonLine,
    // Prompt capture stops before evidence does when space runs out.
    leaveFreeBytes: 2 * config.spool.reserveBytes,
    counters,
  })
}
