import path from 'node:path'
import { coveredHosts } from '../config/covered-hosts.ts'
import { metricsSocket } from '../config/data-paths.ts'
import { proxyPort } from '../config/mesh-settings.ts'
import { metricsPort } from '../config/metrics-port.ts'
import { packageRoot } from '../config/package-root.ts'
import { createContentCapture } from '../content/content-capture.ts'
import { createMetadataSeal } from '../extproc/call-metadata.ts'
import { createConnectionCounters } from '../extproc/connection-counters.ts'
import { createConnectionLog } from '../extproc/connection-log.ts'
import { listenGrpc, listenGrpcForProxies } from '../extproc/grpc-listener.ts'
import { HeldBytes } from '../extproc/held-bytes.ts'
import { watchLoopLag } from '../extproc/loop-lag.ts'
import { watchMemory } from '../extproc/memory-watch.ts'
import { createObserver } from '../extproc/observer.ts'
import { createObserverActivity } from '../extproc/observer-activity.ts'
import { createObserverCounters } from '../extproc/observer-counters.ts'
import type { Installation } from '../installation.ts'
import { observerMetrics } from '../metrics/observer-metrics.ts'
import { serveMetrics } from '../metrics/serve-metrics.ts'
import { errorName, framesOf } from '../process/error-name.ts'
import { lowerPriority, NICENESS } from '../process/priority.ts'
import { lockRole, type Role, roleLogger } from '../process/role.ts'
import { createRetentionBudget } from '../providers/counting/retained-exchange.ts'
import { createTokenCounter } from '../providers/counting/token-counter.ts'
import { createSpoolCounters } from '../spool/spool-counters.ts'
import { openMeshOrganisations } from './mesh-organisations.ts'
import { openPricing } from './pricing.ts'
import { openConnectionSpool, openContentSpool, openSpool } from './spools.ts'
import { unusableFiles } from './unusable-files.ts'

/** Within what a supervisor leaves a role to end in (5 s), with the writing of what was seen. */
const COPIES_GRACE_MS = 2_500

/** `flint.observe` and the access log stream on their socket. */
export async function startObserver(installation: Installation): Promise<Role> {
  const { config, paths, providers, secrets, instance } = installation
  const port = proxyPort(config, 'observer')
  const log = roleLogger(installation, 'observer')
  const lock = await lockRole(installation, 'observer')
  lowerPriority(NICENESS.observer, log)
  const counters = createObserverCounters()
  const activity = createObserverActivity()
  const spoolCounters = createSpoolCounters()
  const contentCounters = createSpoolCounters()
  const spool = openSpool(installation, 'observer', spoolCounters)
  const contentSpool = openContentSpool(installation, 'observer', contentCounters)
  const lag = watchLoopLag()
  const memory = watchMemory(config.observer.maxMemoryBytes)
  const pricing = openPricing(installation, log)
  const counter = createTokenCounter({ programDirectory: path.join(packageRoot(), 'dist') })
  const onFault = (error: unknown) =>
    log.error(
      { error: errorName(error), frames: framesOf(error) },
      'the reading of a call failed; its record says so',
    )
  const content = createContentCapture({
    programDirectory: path.join(packageRoot(), 'dist'),
    onFault,
  })
  const connectionCounters = createConnectionCounters()
  const connectionSpoolCounters = createSpoolCounters()
  const connectionSpool = openConnectionSpool(installation, 'observer', connectionSpoolCounters)
  const mesh = openMeshOrganisations(installation, log)
  const observer = createObserver({
    connections: createConnectionLog({
      spool: connectionSpool,
      providers,
      organisations: mesh.organisations,
      coveredHosts: coveredHosts(config),
      counters: connectionCounters,
    }),
    providers,
    seal: createMetadataSeal(secrets.metadataSecret, secrets.previousMetadataSecret),
    spool,
    capture: { spool: contentSpool, content, promptHashSecret: secrets.promptHashSecret },
    writer: `${instance}/observer`,
    counters,
    activity,
    overloaded: lag.overloaded,
    price: pricing.price,
    counting: { counter, retention: createRetentionBudget() },
    overBudget: memory.overBudget,
    held: new HeldBytes({
      maxBytes: config.observer.maxMemoryBytes / 2,
      maxBytesPerOrg: config.observer.maxMemoryBytes / 4,
    }),
    onFault,
  })
  const methods = {
    '/envoy.service.ext_proc.v3.ExternalProcessor/Process': observer.process,
    '/envoy.service.accesslog.v3.AccessLogService/StreamAccessLogs': observer.accessLog,
  }
  const listening = {
    onError: (error: unknown) => log.error({ error: errorName(error) }, 'a stream failed'),
    // A stopped or late observer must not hold callers back: Envoy may run this far ahead of us.
    streamWindowBytes: 8 * 1024 * 1024,
    // Wait briefly for plain copies, and as long as needed for `acked` streams, which hold a
    // caller.
    isFinished: (waitedMs: number) =>
      activity.openAcked === 0 && (activity.openStreams === 0 || waitedMs >= COPIES_GRACE_MS),
  }
  const servers = [
    await listenGrpc(paths.sockets.observer, methods, listening),
    ...(port === null
      ? []
      : [
          await listenGrpcForProxies(port, methods, {
            ...listening,
            onUnusableFiles: unusableFiles(log, port),
          }),
        ]),
  ]
  const metrics = await serveMetrics(
    metricsSocket(paths, 'observer'),
    metricsPort(config, 'observer'),
    observerMetrics({
      counters,
      activity,
      connections: connectionCounters,
      connectionSpool: connectionSpoolCounters,
      spool: spoolCounters,
      contentSpool: contentCounters,
      loopLagMs: lag.lagMs,
    }),
  )
  log.info('observer is up')
  return {
    async close() {
      await Promise.all(servers.map((server) => server.close()))
      observer.close()
      counter.close()
      pricing.close()
      // Compressed answers are decoded in other threads: their rows come a moment later.
      for (const deadline = Date.now() + 2_000; activity.finishing > 0 && Date.now() < deadline; )
        await new Promise((resolve) => setTimeout(resolve, 10))
      content.close()
      contentSpool.close()
      connectionSpool.close()
      await mesh.close()
      spool.close()
      metrics.close()
      lock.release()
      lag.stop()
      memory.stop()
    },
  }
}
