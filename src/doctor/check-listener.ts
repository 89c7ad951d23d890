import { checkCertificates } from '../config/certificate-files.ts'
import { ConfigError } from '../config/config-error.ts'
import { publicTls } from '../config/public-listener.ts'
import type { Config } from '../config/schema.ts'
import { type Finding, problem } from './finding.ts'

/** What a start would refuse of the address that callers reach; null where it takes it. */
export function refusedListener(config: Config): Finding | null {
  try {
    const tls = publicTls(config)
    if (tls !== null) checkCertificates(tls)
    return null
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return problem('configuration', error.message, `change ${error.setting}`)
  }
}
