import v8 from 'node:v8'
import vm from 'node:vm'

/*
 * V8 doubles the young generation whenever enough of it survives, as everything does that is loaded
 * at start, and never makes it smaller again: 31 MB in a process that then waits for its first call
 * (bench/rest.ts).
 */

/** To be called before anything else is loaded; survivors go to the old generation instead. */
export function keepYoungGenerationSmall(): void {
  v8.setFlagsFromString('--semi-space-growth-factor=1')
}

/** From here on it grows as V8 means it to: with the load. */
export function growYoungGenerationWithLoad(): void {
  v8.setFlagsFromString('--semi-space-growth-factor=2')
}

/** Once: with no calls V8 has no reason to collect what only the start needed. */
export function collectStartUpGarbage(): void {
  v8.setFlagsFromString('--expose-gc')
  const collect: unknown = vm.runInNewContext('globalThis.gc')
  if (typeof collect === 'function') collect()
}
