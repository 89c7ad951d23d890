import { askSocket } from '../ask-socket.ts'
import { checkProxy } from '../doctor/check-proxy.ts'
import { type Finding, unknown } from '../doctor/finding.ts'
import { testedEnvoyVersion } from '../doctor/tested-envoy.ts'

const PATIENCE_MS = 5_000
const HOST_AND_PORT = /^[\w.-]+:\d+$/

/** `admin`: `http://host:port`, `host:port`, or the path of a socket. */
export async function lookAtProxy(admin: string): Promise<readonly Finding[]> {
  const address = HOST_AND_PORT.test(admin) ? `http://${admin}` : admin
  const [serverInfo, configDump] = [
    await ask(address, '/server_info'),
    await ask(address, '/config_dump'),
  ]
  if (serverInfo === null || configDump === null)
    return [
      unknown(
        'envoy.reachable',
        `no Envoy answers at ${admin}`,
        'start it, or say with --envoy-admin where its admin interface is',
      ),
    ]
  return checkProxy({ serverInfo, configDump }, testedEnvoyVersion())
}

/** JSON of the admin interface; null where it does not answer with any. */
async function ask(address: string, page: string): Promise<unknown> {
  try {
    if (!/^https?:/.test(address)) return JSON.parse((await askSocket(address, page)) ?? 'null')
    const answer = await fetch(new URL(page, address), { signal: AbortSignal.timeout(PATIENCE_MS) })
    return answer.ok ? await answer.json() : null
  } catch {
    return null
  }
}
