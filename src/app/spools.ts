import path from 'node:path'
import type { ContentLine } from '../content/content-line.ts'
import type { ConnectionRow } from '../evidence/connection.ts'
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

/** Some hundred thousand rows: what a proxy says in hours without ClickHouse, and no flood. */
const MAX_CONNECTIONS_BYTES = 64 * 1024 * 1024

/** A role's own directory of connections that nothing could read: they end before evidence does. */
export function openConnectionSpool(
  { config, paths, instance }: Installation,
  role: string,
  counters: SpoolCounters,
): SegmentSpool<ConnectionRow> {
  return new SegmentSpool<ConnectionRow>({
    directory: path.join(paths.connectionSpool, instance, role),
    maxSegmentAgeMs: 1_000,
    maxBytes: MAX_CONNECTIONS_BYTES,
    toLine: jsonLine,
    leaveFreeBytes: 2 * config.spool.reserveBytes,
    counters,
  })
}
