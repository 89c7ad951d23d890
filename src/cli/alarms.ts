import { askSocket } from '../ask-socket.ts'
import type { DataPaths } from '../config/data-paths.ts'
import { ACCESS_LOG, BACKLOG_BYTES, LETTERS, QUARANTINE } from '../metrics/delivery-metrics.ts'
import { GATE_SPOOL } from '../metrics/gate-metrics.ts'
import { OBSERVER, OBSERVER_SPOOL } from '../metrics/observer-metrics.ts'
import { METERED_ROLES, readMetrics } from './read-socket.ts'

export interface Alarm {
  readonly name: string
  readonly value: number
}

/** Counters that move when something was or may have been lost. */
const OURS = [
  GATE_SPOOL.refused.name,
  GATE_SPOOL.tornTails.name,
  GATE_SPOOL.strayed.name,
  OBSERVER.streamsLost.name,
  OBSERVER.shed.name,
  OBSERVER.forged.name,
  OBSERVER.rowsRefused.name,
  OBSERVER_SPOOL.tornTails.name,
  QUARANTINE.deadLetters.name,
  LETTERS.lettersKept.name,
  LETTERS.lettersDropped.name,
  QUARANTINE.quarantineBytes.name,
  BACKLOG_BYTES,
  ACCESS_LOG.onlyInLog.name,
  ACCESS_LOG.withoutRecord.name,
  ACCESS_LOG.forged.name,
  ACCESS_LOG.unreadableLines.name,
]
const ENVOYS = [
  'streams_failed',
  'failure_mode_allowed',
  'message_timeouts',
  'spurious_msgs_received',
  'rejected_header_mutations',
  'logs_dropped',
  // Callers turned away by a limit.
  'rate_limited',
  'downstream_global_cx_overflow',
]

/**
 * Since each part's start, of what runs here. An alarm at 0 proves nothing: 20 calls were lost with
 * all of Envoy's counters at 0.
 */
export async function readAlarms(paths: DataPaths): Promise<Alarm[]> {
  const ours = await Promise.all(METERED_ROLES.map((role) => readMetrics(paths, role)))
  const envoys = await askSocket(
    paths.sockets.envoyAdmin,
    '/stats?filter=ext_proc%7Clogs_dropped%7Crate_limited%7Cglobal_cx_overflow',
  )
  return [
    ...linesOf(ours.join('\n'), /^(flint_\w+) (\d+(?:\.\d+)?)$/).filter(({ name }) =>
      OURS.includes(name),
    ),
    ...linesOf(envoys ?? '', /^([\w.]+): (\d+)$/)
      .filter(({ name }) => ENVOYS.some((counter) => name.endsWith(counter)))
      .map(({ name, value }) => ({ name: `envoy ${name}`, value })),
  ]
}

function linesOf(text: string, shape: RegExp): Alarm[] {
  return text.split('\n').flatMap((line) => {
    const match = shape.exec(line)
    return match?.[1] === undefined ? [] : [{ name: match[1], value: Number(match[2]) }]
  })
}
