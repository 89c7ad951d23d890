import { certificateEnds } from '../config/certificate-files.ts'
import { metricsSocket } from '../config/data-paths.ts'
import { proxyPort } from '../config/mesh-settings.ts'
import { metricsPort } from '../config/metrics-port.ts'
import { createMetadataSeal } from '../extproc/call-metadata.ts'
import { createGate, createGateCounters } from '../extproc/gate.ts'
import { listenGrpc, listenGrpcForProxies } from '../extproc/grpc-listener.ts'
import { createHopSeals } from '../extproc/hop-seal.ts'
import { watchLoopLag } from '../extproc/loop-lag.ts'
import { createUploadTickets } from '../extproc/upload-ticket.ts'
import {
  createAuthenticationFailures,
  createFailureCounters,
} from '../identity/authentication-failures.ts'
import { createSettingsReport } from '../identity/settings-report.ts'
import { connectStore, type Installation } from '../installation.ts'
import { gateMetrics } from '../metrics/gate-metrics.ts'
import { serveMetrics } from '../metrics/serve-metrics.ts'
import { errorName } from '../process/error-name.ts'
import { repeat, warnOnce } from '../process/repeat.ts'
import { lockRole, type Role, roleLogger } from '../process/role.ts'
import { createSpoolCounters } from '../spool/spool-counters.ts'
import { createIdentityLog } from '../store/identity/identity-log.ts'
import { createSettingsSeen } from '../store/identity/settings-seen.ts'
import { openCaches } from './caches.ts'
import { openSpool } from './spools.ts'
import { unusableFiles } from './unusable-files.ts'

/** `flint.auth` on its socket. */
export async function startGate(installation: Installation): Promise<Role> {
  const { config, paths, providers, secrets, instance } = installation
  const port = proxyPort(config, 'gate')
  const log = roleLogger(installation, 'gate')
  const lock = await lockRole(installation, 'gate')
  const counters = createGateCounters()
  const failureCounters = createFailureCounters()
  const spoolCounters = createSpoolCounters()
  const spool = openSpool(installation, 'gate', spoolCounters)
  const store = connectStore(installation)
  const directories = await openCaches(installation, store, log)
  const failures = createAuthenticationFailures({
    log: createIdentityLog(store),
    where: 'gate',
    counters: failureCounters,
  })
  const stopTelling = repeat(
    60_000,
    () => failures.flush(),
    warnOnce(log, 'failed authentication could not be stored; it is kept'),
  )
  const stopReporting = repeat(
    5_000,
    createSettingsReport({
      gate: instance,
      pepper: secrets.pepperFingerprint,
      settings: directories.settings,
      seen: createSettingsSeen(store),
    }),
    warnOnce(log, 'which settings are known here could not be stored; tried again'),
  )
  const gate = createGate({
    providers,
    authenticator: directories.keys,
    holders: directories.keys,
    tickets: createUploadTickets(secrets.metadataSecret),
    mesh: directories.mesh,
    settings: directories.settings,
    failures,
    seal: createMetadataSeal(secrets.metadataSecret, secrets.previousMetadataSecret),
    hopSeals: createHopSeals(secrets.metadataSecret, secrets.previousMetadataSecret),
    spool,
    writer: `${instance}/gate`,
    counters,
  })
  const lag = watchLoopLag()
  const methods = { '/envoy.service.ext_proc.v3.ExternalProcessor/Process': gate }
  const onError = (error: unknown) => log.error({ error: errorName(error) }, 'a stream failed')
  const servers = [
    await listenGrpc(paths.sockets.gate, methods, { onError }),
    ...(port === null
      ? []
      : [
          await listenGrpcForProxies(port, methods, {
            onError,
            onUnusableFiles: unusableFiles(log, port),
          }),
        ]),
  ]
  const metrics = await serveMetrics(
    metricsSocket(paths, 'gate'),
    metricsPort(config, 'gate'),
    gateMetrics({
      counters,
      authenticationFailed: failureCounters,
      spool: spoolCounters,
      keys: directories.keys,
      settings: directories.settings,
      loopLagMs: lag.lagMs,
      certificateEnds: () => certificateEnds(config),
    }),
  )
  log.info('gate is up')
  return {
    async close() {
      directories.stop()
      await Promise.all(servers.map((server) => server.close()))
      await Promise.all([stopTelling(), stopReporting()])
      await failures.flush().catch(() => undefined)
      spool.close()
      metrics.close()
      lock.release()
      lag.stop()
      await store.close()
    },
  }
}
