import { describe, expect, test } from 'vitest'
import { createActiveProviders, SHIPPED_PROVIDERS } from './active-providers.ts'
import { createProviderOfHost } from './provider-of-host.ts'
import { definitionOf } from './registry.ts'

const inHouse = {
  ...definitionOf('openai-compatible'),
  name: 'inhouse',
  upstream: 'http://models.internal:8080',
  profile: 'available' as const,
}
const providerOf = createProviderOfHost(createActiveProviders([...SHIPPED_PROVIDERS.all, inHouse]))

describe('a host is known as one of', () => {
  test.each([
    ['api.openai.com', 'openai'],
    ['API.OpenAI.com:443', 'openai'],
    ['api.openai.com.', 'openai'],
    ['eu.api.openai.com', 'openai'],
    ['api.anthropic.com:80', 'anthropic'],
    ['generativelanguage.googleapis.com', 'gemini'],
    ['chatgpt.com', 'chatgpt'],
    ['contoso.openai.azure.com', 'azure'],
    ['contoso.services.ai.azure.com', 'azure'],
    ['us-east5-aiplatform.googleapis.com', 'vertex'],
    ['aiplatform.googleapis.com', 'vertex'],
    ['aiplatform.eu.rep.googleapis.com', 'vertex'],
    ['bedrock-runtime.eu-central-1.amazonaws.com', 'bedrock'],
    ['api.groq.com', 'groq'],
    ['api.mistral.ai', 'mistral'],
    ['models.internal:8080', 'inhouse'],
  ])('%s: %s', (authority, name) => expect(providerOf(authority)?.name).toBe(name))
})

test.each([
  'example.com',
  'api.openai.com.example.com',
  'evil-api.openai.com.',
  'a.b.openai.azure.com',
  '.openai.azure.com',
  'x/y.openai.azure.com',
  'openai.azure.com',
  'bedrock-runtime.amazonaws.com',
  'models.internal',
  '127.0.0.1:11434',
  '',
])('a host that only looks like one is not known: %s', (authority) =>
  expect(providerOf(authority)).toBeUndefined(),
)

test('a provider that is known by its host alone can be read, and priced', () => {
  const providers = createActiveProviders([])
  expect(providers.named('azure')).toBeUndefined()
  expect(providers.ofRecord('azure')?.name).toBe('azure')
  expect(providers.ofRecord('groq')).toMatchObject({ basePath: '/openai/v1', name: 'groq' })
  expect(providers.ofRecord('nowhere')).toBeUndefined()
})
