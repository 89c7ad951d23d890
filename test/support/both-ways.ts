import { randomUUID } from 'node:crypto'
import type { FlintUnderTest } from './flint.ts'
import { PROVIDER_KEY } from './provider-key.ts'
import { callWithSdk, type SdkRequest, type SdkResult, type Surface } from './sdk-surfaces.ts'

/**
 * The guide's own configuration: the provider's key where the SDK wants it, Flint's in
 * Authorization.
 */
export const guideHeaders = (flint: FlintUnderTest) => ({
  Authorization: `Bearer ${flint.key}`,
  'x-provider-key': PROVIDER_KEY,
})

export interface BothWays {
  readonly direct: SdkResult
  readonly through: SdkResult
  /** The id the caller claimed for the call through Flint. */
  readonly claim: string
}

/** The same SDK code twice: at the provider itself, and through Flint. */
export async function callBothWays(
  surface: Surface,
  request: SdkRequest,
  providerUrl: string,
  flint: FlintUnderTest,
  maxRetries = 0,
): Promise<BothWays> {
  const claim = randomUUID()
  const direct = await callWithSdk(
    surface,
    { origin: providerUrl, throughFlint: false, apiKey: PROVIDER_KEY, headers: {}, maxRetries },
    request,
  )
  const headers = { ...guideHeaders(flint), 'x-flint-request-id': claim }
  const through = await callWithSdk(
    surface,
    { origin: flint.baseUrl, throughFlint: true, apiKey: PROVIDER_KEY, headers, maxRetries },
    request,
  )
  return { direct, through, claim }
}
