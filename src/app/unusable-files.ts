import type { Logger } from 'pino'
import type { PortForProxies } from '../extproc/port-for-proxies.ts'

/** Says which files a renewal has broken: else proxies are refused once the old ones are over. */
export function unusableFiles(
  log: Pick<Logger, 'error'>,
  { certFile, keyFile, clientCaFile }: PortForProxies,
): (error: unknown) => void {
  return (error) =>
    log.error(
      // OpenSSL's and the system's own message: files of the operator are not what a stranger sent.
      {
        error: error instanceof Error ? error.message : String(error),
        certFile,
        keyFile,
        clientCaFile,
      },
      'mesh.certFile, mesh.keyFile and mesh.clientCaFile cannot be used as they are now; those before stay in force',
    )
}
