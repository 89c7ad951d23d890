import { askSocket } from '../ask-socket.ts'
import { type DataPaths, metricsSocket } from '../config/data-paths.ts'
import { OBSERVER, OBSERVER_ACTIVITY } from '../metrics/observer-metrics.ts'
import { unlabelledSamples } from '../metrics/samples.ts'
import { type EnvoyAdmin, envoyAdmin } from './envoy-admin.ts'
import type { Supervised } from './supervised.ts'

/** The children of a running Flint by name; those are missing that never started. */
export type Children = ReadonlyMap<string, Supervised>

/** What an orchestrator commonly leaves a process to end in is 30 s; a longer stream is cut. */
const OPEN_CALLS_MS = 25_000
const COPIES_MS = 15_000
const LOOK_EVERY_MS = 50
/** Envoy flushes its log stream every 200 ms; nothing may have moved for longer than that. */
const STILL_LOOKS = 6

/**
 * Ends a running Flint so that no answered call is lost: no new calls; open calls end; their copies
 * and closing entries reach the observer; Envoy, then its three peers end and leave whole spools;
 * delivery takes them to the store; the store ends last. Each step is bounded and said.
 */
export async function stopInOrder(
  children: Children,
  paths: DataPaths,
  say: (line: string) => void,
): Promise<void> {
  const envoy = children.get('envoy')
  if (envoy) {
    // Started again now, it would take calls.
    envoy.retire()
    await drain(envoyAdmin(paths.sockets.envoyAdmin), paths, say)
    await envoy.stop()
  }
  const end = async (names: readonly string[]) => {
    await Promise.all(names.map((name) => children.get(name)?.stop()))
  }
  await end(['api', 'gate', 'observer'])
  if (children.has('delivery')) say('stopping: delivering what is in the spools …')
  await end(['delivery'])
  await end(['clickhouse'])
}

async function drain(
  admin: EnvoyAdmin,
  paths: DataPaths,
  say: (line: string) => void,
): Promise<void> {
  // Answers on kept connections now say `connection: close`, and no one can connect any more.
  const signalled =
    (await admin.post('/healthcheck/fail')) !== null &&
    (await admin.post('/drain_listeners')) !== null
  if (!signalled) {
    say('stopping: Envoy does not answer, so nothing is waited for')
    return
  }
  say('stopping: no new calls are taken; open calls may end …')
  const openCalls = async () => (await admin.stats(`^${OPEN_CALLS}$`))?.get(OPEN_CALLS) ?? 0
  const callsEnded = await within(OPEN_CALLS_MS, async () => (await openCalls()) === 0)
  if (!callsEnded)
    say(
      `stopping: ${await openCalls()} calls are still open after ${OPEN_CALLS_MS / 1000} s and are cut`,
    )
  say('stopping: reading what was copied of them …')
  const copiesRead = await within(
    COPIES_MS,
    watchForStillness(admin, metricsSocket(paths, 'observer')),
  )
  if (!copiesRead)
    say(
      `stopping: the observer has not read everything after ${COPIES_MS / 1000} s; records may say capture_lost`,
    )
}

const OPEN_CALLS = 'http.flint.downstream_rq_active'
const LOG = 'access_logs.grpc_access_log'
const OBSERVER_STREAMS = 'cluster.flint_observer.upstream_rq_active'

/**
 * True once Envoy has sent every log entry, the observer has no copy open, and neither has moved
 * for a while.
 */
function watchForStillness(admin: EnvoyAdmin, observerMetrics: string): () => Promise<boolean> {
  let last = ''
  let still = 0
  return async () => {
    const [envoy, observer] = await Promise.all([
      admin.stats(`^(${LOG}\\..*|${OBSERVER_STREAMS})$`),
      observerNumbers(observerMetrics),
    ])
    // An Envoy that is gone sends nothing more; an observer that is gone is started again, and is
    // late.
    if (envoy === null) return true
    const of = (name: string) => envoy.get(`${LOG}.${name}`) ?? 0
    const unsent = of('logs_written') - of('grpc_entries_flushed') - of('logs_dropped')
    const unread =
      (observer?.get(OBSERVER_ACTIVITY.openStreams.name) ?? 1) +
      (observer?.get(OBSERVER_ACTIVITY.finishing.name) ?? 1)
    const now = JSON.stringify([unread, envoy.get(OBSERVER_STREAMS), ...(observer ?? [])])
    still = now === last && unread === 0 && unsent <= 0 ? still + 1 : 0
    last = now
    return still >= STILL_LOOKS
  }
}

/** What moves while the observer still works. */
const OBSERVER_NUMBERS: ReadonlySet<string> = new Set(
  [
    OBSERVER_ACTIVITY.openStreams,
    OBSERVER_ACTIVITY.finishing,
    OBSERVER.observed,
    OBSERVER.closings,
    OBSERVER.unattributed,
  ].map(({ name }) => name),
)

async function observerNumbers(socketPath: string): Promise<ReadonlyMap<string, number> | null> {
  const page = await askSocket(socketPath, '/metrics')
  if (page === null) return null
  return new Map([...unlabelledSamples(page)].filter(([name]) => OBSERVER_NUMBERS.has(name)))
}

/** Looks again and again; false when time was up before it was so. */
async function within(ms: number, isSo: () => Promise<boolean>): Promise<boolean> {
  const deadline = performance.now() + ms
  while (!(await isSo())) {
    if (performance.now() > deadline) return false
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS))
  }
  return true
}
