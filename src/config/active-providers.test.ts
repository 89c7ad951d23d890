import fs from 'node:fs'
import path from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { temporaryDirectory } from '../../test/support/temporary-directory.ts'
import { endpointOf } from '../providers/endpoints.ts'
import { canonicalPath } from '../providers/path-rules.ts'
import { activeProviders } from './active-providers.ts'
import { loadConfig } from './load.ts'

let directory: string
beforeEach(() => {
  directory = temporaryDirectory()
})

function providersOf(yaml: string, env: Record<string, string> = {}) {
  fs.writeFileSync(path.join(directory, 'flint.yaml'), yaml)
  return activeProviders(loadConfig(env, directory).config)
}

function providerOf(yaml: string, env: Record<string, string> = {}) {
  const found = providersOf(yaml, env).named('inhouse')
  if (found === undefined) throw new Error('it is not there')
  return found
}

describe('a provider of one’s own name', () => {
  test('speaks what its format says, at its own address, after those that Flint ships', () => {
    const providers = providersOf(
      'providers: { inhouse: { format: openai, upstream: "https://ai.example.com/" } }',
    )
    expect(providers.names.at(-1)).toBe('inhouse')
    expect(providers.list).toMatch(/^openai, .* or inhouse$/)
    expect(providers.named('inhouse')).toMatchObject({
      upstream: 'https://ai.example.com',
      profile: 'available',
      basePath: '/v1',
    })
    expect(providers.named('openai')?.upstream).toBe('https://api.openai.com')
    expect(providers.named('elsewhere')).toBeUndefined()
  })

  test('is set by the environment too, whose underscores are the hyphens of a name', () => {
    const providers = providersOf('', {
      FLINT_PROVIDERS_MY_HOST_FORMAT: 'anthropic',
      FLINT_PROVIDERS_MY_HOST_UPSTREAM: 'https://claude.example.com',
      FLINT_PROVIDERS_MY_HOST_BASE_PATH: '/anthropic',
      FLINT_PROVIDERS_MY_HOST_PROFILE: 'acked',
    })
    expect(providers.named('my-host')).toMatchObject({
      upstream: 'https://claude.example.com',
      basePath: '/anthropic',
      profile: 'acked',
    })
  })

  test('has endpoints that are known under a base path of its own', () => {
    const own = providerOf(
      'providers: { inhouse: { format: openai, upstream: "http://h", basePath: /ai/v1 } }',
    )
    expect(canonicalPath(own, '/chat/completions')).toBe('/ai/v1/chat/completions')
    expect(canonicalPath(own, '/ai/v1/chat/completions')).toBe('/ai/v1/chat/completions')
    expect(endpointOf(own, 'POST', '/ai/v1/chat/completions').known).toBe(true)
    expect(endpointOf(own, 'POST', '/elsewhere/chat/completions').known).toBe(false)
  })

  test.each([
    ['bearer', ['authorization', 'Bearer the-key']],
    ['api-key', ['api-key', 'the-key']],
    ['x-own-key', ['x-own-key', 'the-key']],
  ])('gets its key where `credential` says: %s', (credential, header) => {
    const own = providerOf(
      `providers: { inhouse: { format: gemini, upstream: "http://h", credential: ${credential} } }`,
    )
    expect(own.credential('the-key', '/v1beta/models')).toEqual(header)
    // A caller's key in the same place is found and taken out.
    if (credential !== 'bearer') expect(own.keyHeaders).toContain(credential)
  })

  test.each([
    ['', 'openai'],
    ['prices: mistral', 'mistral'],
    ['prices: none', null],
  ])('has the prices of its format, of a book, or none: %s', (setting, bookId) => {
    const own = providerOf(
      `providers:\n  inhouse:\n    format: openai\n    upstream: http://h\n    ${setting}\n`,
    )
    expect(own.prices.bookId).toBe(bookId)
  })

  test.each([
    ['{ format: openai, credential: host }', 'providers.inhouse.credential', 'no header for a key'],
    ['{ format: openai, credential: x-flint-key }', 'providers.inhouse.credential', 'no header'],
    ['{ format: cohere }', 'providers.inhouse.format', 'must be one of: openai, anthropic'],
    ['{ upstream: "https://h" }', 'providers.inhouse.format', 'is missing'],
    ['{ format: openai, upstream: "https://h/v1" }', 'providers.inhouse.upstream', 'PROVIDERS_INH'],
    ['{ format: openai, basePath: v1 }', 'providers.inhouse.basePath', 'FLINT_PROVIDERS_INHOUSE'],
    ['{ format: openai, key: sk }', 'providers.inhouse.key', 'is not a setting of Flint'],
  ])('refuses %s and names the setting', (settings, setting, message) => {
    expect(() => providersOf(`providers: { inhouse: ${settings} }`)).toThrow(
      expect.objectContaining({ setting, message: expect.stringContaining(message) }),
    )
  })

  test.each(['api', 'In-House', '-x', 'a_b', 'x'.repeat(33)])('cannot be called %s', (name) => {
    expect(() => providersOf(`providers: { ${name}: { format: openai } }`)).toThrow(
      expect.objectContaining({ message: expect.stringContaining('is no name for a provider') }),
    )
  })
})
