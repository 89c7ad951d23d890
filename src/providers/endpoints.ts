import type { Provider } from '../evidence/evidence.ts'
import type { TokenCounting } from './counting/token-counting.ts'
import type { SocketEndpoint } from './provider.ts'
import { definitionOf, PROVIDER_DEFINITIONS } from './registry.ts'
import type { TextFormat } from './text/text-format.ts'
import type { WireFormat } from './wire-format.ts'

/** How to read a call of an endpoint, and who is billed for it. */
export interface EndpointKnowledge {
  readonly format: WireFormat
  /** False where the endpoint is not listed and the call is read by its shape alone. */
  readonly known: boolean
  /** Where prompt and answer stand; null where there are none, or none that Flint reads. */
  readonly text: TextFormat | null
  /** Whether a call that succeeds can be on the bill. */
  isBillable(streamed: boolean): boolean
}

/**
 * What the registry says of a call; `endpoint` is the path as the provider sees it, without query.
 */
export function endpointOf(
  provider: Provider,
  method: string,
  endpoint: string,
): EndpointKnowledge {
  const { endpoints, unknownEndpoint } = definitionOf(provider)
  const known = endpoints.find(({ path }) => path.test(endpoint))
  // Only a POST can be on the bill; a GET repeats what an earlier call is billed for.
  const billing = method === 'POST' ? (known?.billing ?? 'billed') : 'free'
  return {
    format: known?.format ?? unknownEndpoint,
    known: known !== undefined,
    text: method === 'POST' ? (known?.text ?? null) : null,
    isBillable: (streamed) => billing === 'billed' || (billing === 'streamed' && streamed),
  }
}

/** The websocket that a request asks for; undefined where it asks for none that Flint reads. */
export function socketOf(
  provider: Provider,
  method: string,
  endpoint: string,
): SocketEndpoint | undefined {
  return method === 'GET'
    ? definitionOf(provider).sockets.find(({ path }) => path.test(endpoint))
    : undefined
}

/** What the address of a call says besides its endpoint. */
export interface AddressKnowledge {
  /** Null where it names none. */
  readonly deployment: string | null
  /** The name in the request is that of a model: it stands for one that the answer does not name. */
  readonly namesModel: boolean
  /** Terms of the bill that no body has. */
  readonly billedTerms: readonly string[]
}

export function addressOf(provider: Provider, endpoint: string, query: string): AddressKnowledge {
  const { deployment, billedTerms } = definitionOf(provider)
  return {
    deployment: deployment?.(endpoint, query) ?? null,
    namesModel: deployment === undefined,
    billedTerms: billedTerms?.(endpoint) ?? [],
  }
}

/** How tokens of this wire format are counted; undefined where they are not. */
export function countingOf(format: string): TokenCounting | undefined {
  for (const { endpoints } of PROVIDER_DEFINITIONS) {
    const found = endpoints.find(
      (endpoint) => endpoint.format.name === format && endpoint.counting !== undefined,
    )
    if (found !== undefined) return found.counting
  }
  return undefined
}

/** Where the provider names its own id of the request; null where it does so in the body alone. */
export function requestIdHeader(provider: Provider): string | null {
  return definitionOf(provider).requestIdHeader
}
