/** One stop may reach a process twice: the group's signal, and npm that passes its own on. */
const SAME_STOP_MS = 1_000

/** Resolves at the first SIGINT or SIGTERM; one that comes later ends the process at once. */
export function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    let firstAtMs: number | null = null
    const stop = () => {
      firstAtMs ??= performance.now()
      if (performance.now() - firstAtMs > SAME_STOP_MS) process.exit(130)
      resolve()
    }
    process.on('SIGINT', stop)
    process.on('SIGTERM', stop)
  })
}

/**
 * A signal to every process of a service (systemd's KillMode=control-group) is for `flint up` to
 * obey, in its order: a part of it ends when its stdin does. SIGUSR2 ends this part alone, which is
 * then started again.
 */
export function supervisorsOrder(): Promise<void> {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {})
  return new Promise((resolve) => {
    process.once('SIGUSR2', () => resolve())
    process.stdin
      .once('end', resolve)
      .once('close', resolve)
      .once('error', () => resolve())
      .resume()
  })
}
