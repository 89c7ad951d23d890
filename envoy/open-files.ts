import fs from 'node:fs'

/**
 * Of a call, its caller's connection and the provider's; besides, Envoy's own files, sockets and
 * workers.
 */
const DESCRIPTORS_PER_CALL = 2
const DESCRIPTORS_OF_ENVOY = 256
const FEWEST = 64
const MOST = 100_000
/**
 * Where the system does not say: the usual hard limit of small systems allows this many.
 */
const UNKNOWN_LIMIT = 10_240

/** Connections of callers that this process's children can hold and still reach the providers. */
export function affordableConnections(limit = openFilesLimit()): number {
  const affordable = Math.floor((limit - DESCRIPTORS_OF_ENVOY) / DESCRIPTORS_PER_CALL)
  return Math.max(FEWEST, Math.min(MOST, affordable))
}

/** Node raises its own soft limit to the hard one at start, and children inherit it. */
export function openFilesLimit(): number {
  try {
    const soft = /^Max open files\s+(\d+|unlimited)/m.exec(
      fs.readFileSync('/proc/self/limits', 'utf8'),
    )?.[1]
    return soft === 'unlimited' ? Number.MAX_SAFE_INTEGER : Number(soft ?? UNKNOWN_LIMIT)
  } catch {
    return UNKNOWN_LIMIT
  }
}
