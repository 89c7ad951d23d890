import { ADDED_ON_THE_WAY } from '../headers-of-proxies.ts'
import type { MeshHost } from '../mesh-hosts.ts'
import { HTTP_PORT } from './providers.ts'

/** A retry would bill twice, and SDKs make their own; a mesh makes two unless this is said. */
export const NO_RETRIES = { retries: { attempts: 0 } }

/** The rest of a route that ends at the provider. */
export function toProvider({ host }: MeshHost) {
  return {
    ...NO_RETRIES,
    headers: { request: { remove: ADDED_ON_THE_WAY } },
    route: [{ destination: { host, port: { number: HTTP_PORT } } }],
  }
}
