import type { CallerRequest } from './caller-request.ts'
import { NEVER_FORWARDED } from './credentials.ts'
import type { Credential } from './verdict.ts'

const PROTOCOLS = 'sec-websocket-protocol'
/** Proxies of a mesh add the whole certificate of the caller; the gate is not sent it. */
const CLIENT_CERTIFICATE = 'x-forwarded-client-cert'

export interface HeaderChanges {
  readonly set: ReadonlyArray<readonly [name: string, value: string]>
  readonly remove: readonly string[]
}

/**
 * The key swap: one credential in the provider's own place, everything of Flint's and every other
 * key gone.
 */
export function changes(
  request: CallerRequest,
  { key, isSigned, isUntouched }: Credential,
  isMesh: boolean,
): HeaderChanges {
  const set: Array<readonly [string, string]> = []
  const route = request.route
  if (!route) return { set, remove: [] }
  if (isUntouched) return { set, remove: [...request.strip.filter(isFlints), CLIENT_CERTIFICATE] }
  const remove = request.strip.filter((name) => name !== 'authorization' || isSigned !== true)
  if (isMesh) remove.push(CLIENT_CERTIFICATE)
  const credential = key === null ? null : route.provider.credential(key, route.endpoint)
  if (credential !== null) set.push(credential)
  if (request.pathWithoutKey !== null) set.push([':path', request.pathWithoutKey])
  if (request.protocolsWithoutKeys === '') remove.push(PROTOCOLS)
  else if (request.protocolsWithoutKeys !== null)
    set.push([PROTOCOLS, request.protocolsWithoutKeys])
  return { set, remove: remove.filter((name) => name !== credential?.[0]) }
}

export function withHeader(
  { set, remove }: HeaderChanges,
  header: readonly [name: string, value: string] | null,
): HeaderChanges {
  return { set: header === null ? set : [...set, header], remove }
}

/** What a caller may send for Flint alone, or for proxies; not its provider key. */
function isFlints(name: string): boolean {
  return name.startsWith('x-flint-') || name === 'x-provider-key' || NEVER_FORWARDED.has(name)
}
