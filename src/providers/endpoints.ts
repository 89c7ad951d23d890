import { type BasePaths, definedPath } from './active-providers.ts'
import type { TokenCounting } from './counting/token-counting.ts'
import type { ProviderDefinition, SocketEndpoint } from './provider.ts'
import { PROVIDER_DEFINITIONS } from './registry.ts'
import type { TextFormat } from './text/text-format.ts'
import { noUsage } from './usage/no-usage.ts'
import type { WireFormat } from './wire-format.ts'

/** A definition, or a provider made of one under another base path. */
type Reads = ProviderDefinition & BasePaths

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
 * What a provider's definition says of a call; `endpoint` is the path as the provider sees it,
 * without query. Of a provider that this process does not know nothing is read.
 */
export function endpointOf(
  provider: Reads | undefined,
  method: string,
  endpoint: string,
): EndpointKnowledge {
  const path = provider && definedPath(provider, endpoint)
  const known = provider?.endpoints.find((candidate) => candidate.path.test(path ?? ''))
  // Only a POST can be on the bill; a GET repeats what an earlier call is billed for.
  const billing = method === 'POST' ? (known?.billing ?? 'billed') : 'free'
  return {
    format: known?.format ?? provider?.unknownEndpoint ?? noUsage,
    known: known !== undefined,
    text: method === 'POST' ? (known?.text ?? null) : null,
    isBillable: (streamed) => billing === 'billed' || (billing === 'streamed' && streamed),
  }
}

/** The websocket that a request asks for; undefined where it asks for none that Flint reads. */
export function socketOf(
  provider: Reads | undefined,
  method: string,
  endpoint: string,
): SocketEndpoint | undefined {
  if (method !== 'GET' || provider === undefined) return undefined
  const path = definedPath(provider, endpoint)
  return provider.sockets.find((candidate) => candidate.path.test(path))
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

export function addressOf(
  provider: Reads | undefined,
  endpoint: string,
  query: string,
): AddressKnowledge {
  const path = provider === undefined ? '' : definedPath(provider, endpoint)
  return {
    deployment: provider?.deployment?.(path, query) ?? null,
    namesModel: provider?.deployment === undefined,
    billedTerms: provider?.billedTerms?.(path) ?? [],
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
