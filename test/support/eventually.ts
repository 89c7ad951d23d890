import { vi } from 'vitest'

const PATIENCE_MS = 15_000

/** Repeats `check` until it passes; after `patienceMs` the test fails with its last failure. */
export const eventually = <Checked>(
  check: () => Checked | Promise<Checked>,
  patienceMs = PATIENCE_MS,
): Promise<Checked> => vi.waitFor(check, { timeout: patienceMs, interval: 20 })
