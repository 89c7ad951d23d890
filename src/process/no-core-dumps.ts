import { libc, openLibc } from '../libc.ts'

/** The same number on Linux and macOS (sys/resource.h). */
const RLIMIT_CORE = 4

/**
 * This process leaves no core file when it crashes, nor do its children: it would hold keys and the
 * pepper. Where the C library is not found (musl) it is left to who starts Flint: `ulimit -c 0`,
 * systemd's LimitCORE=0.
 *
 * @see https://pubs.opengroup.org/onlinepubs/9799919799/functions/setrlimit.html
 */
export function forbidCoreDumps(): void {
  try {
    openLibc()
    // struct rlimit: two 64-bit numbers, now and at the most.
    libc('setrlimit', RLIMIT_CORE, Buffer.alloc(16))
  } catch {
    // Said in docs/security.md.
  }
}
