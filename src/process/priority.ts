import os from 'node:os'
import type { Logger } from 'pino'
import { errorName } from './error-name.ts'

/**
 * No one waits for observer and delivery: where cores are scarce, Envoy and the gate go first. A
 * late delivery only delays; an observer that is too late for Envoy's patience loses copies, so it
 * yields less (docs/decisions/013).
 */
export const NICENESS = { observer: 2, delivery: 5 } as const
const LOWEST_PRIORITY = 19

/**
 * Relative to what this process was started with: raising a priority again needs rights that few
 * have.
 */
export function lowerPriority(niceness: number, log: Logger): void {
  try {
    os.setPriority(Math.min(os.getPriority() + niceness, LOWEST_PRIORITY))
  } catch (error) {
    log.warn(
      { error: errorName(error) },
      'the priority could not be lowered; callers may wait longer where cores are scarce',
    )
  }
}
