import { expect } from 'vitest'
import { HOP_BY_HOP } from './sdk-surfaces.ts'

const CREDENTIALS = ['authorization', 'x-api-key', 'x-goog-api-key', 'x-provider-key']

export type HeaderPair = readonly [name: string, value: string]

/** Node's raw headers, in their order; names in lower case. */
function pairsOf(rawHeaders: readonly string[]): HeaderPair[] {
  return rawHeaders.flatMap((name, at) =>
    at % 2 === 0 ? [[name.toLowerCase(), rawHeaders[at + 1] ?? ''] as const] : [],
  )
}

/**
 * What both calls must bring to the provider alike; the place of the credential is compared
 * elsewhere.
 */
export function carried(rawHeaders: readonly string[]): string[] {
  const ofItsConnection = (name: string) =>
    HOP_BY_HOP.has(name) || name === 'host' || CREDENTIALS.includes(name)
  return pairsOf(rawHeaders)
    .flatMap(([name, value]) => (ofItsConnection(name) ? [] : [`${name}: ${value}`]))
    .sort()
}

export function credentialsIn(rawHeaders: readonly string[]): HeaderPair[] {
  return pairsOf(rawHeaders).filter(([name]) => CREDENTIALS.includes(name))
}

export function expectNothingOfFlint(rawHeaders: readonly string[], what?: string): void {
  const ours = pairsOf(rawHeaders).filter(([name]) =>
    /^x-(flint|envoy|forwarded|provider-key)/.test(name),
  )
  expect.soft(ours, what).toEqual([])
  expect.soft(rawHeaders.join('\n'), what).not.toContain('flnt_')
}
