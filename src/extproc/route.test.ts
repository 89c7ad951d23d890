import { describe, expect, test } from 'vitest'
import { SHIPPED_PROVIDERS } from '../providers/active-providers.ts'
import { isAmbiguousPath, routeOf } from './route.ts'

describe('a public path leads to', () => {
  test.each([
    ['/v1/proxy/openai/chat/completions', 'openai', '/v1/chat/completions', ''],
    ['/v1/proxy/openai/v1/chat/completions', 'openai', '/v1/chat/completions', ''],
    ['/v1/proxy/openai/v1beta/x', 'openai', '/v1/v1beta/x', ''],
    ['/v1/proxy/openai/models?limit=2', 'openai', '/v1/models', 'limit=2'],
    ['/v1/proxy/anthropic/v1/messages?beta=true', 'anthropic', '/v1/messages', 'beta=true'],
    [
      '/v1/proxy/gemini/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse&key=a',
      'gemini',
      '/v1beta/models/gemini-2.5-flash:streamGenerateContent',
      'alt=sse&key=a',
    ],
    [
      '/v1/proxy/gemini/v1beta/openai/chat/completions',
      'gemini',
      '/v1beta/openai/chat/completions',
      '',
    ],
    ['/v1/proxy/gemini/upload/v1beta/files', 'gemini', '/upload/v1beta/files', ''],
    ['/v1/proxy/openai/?', 'openai', '/v1/', ''],
    ['/v1/proxy/openai/v1/v1/responses', 'openai', '/v1/responses', ''],
    ['/v1/proxy/openai/v1/v1', 'openai', '/v1', ''],
    ['/v1/proxy/openai/v1/v1x', 'openai', '/v1/v1x', ''],
    ['/v1/proxy/anthropic/messages?beta=true', 'anthropic', '/v1/messages', 'beta=true'],
    ['/v1/proxy/anthropic/messages/batches', 'anthropic', '/v1/messages/batches', ''],
    ['/v1/proxy/anthropic/chat/completions', 'anthropic', '/v1/chat/completions', ''],
    ['/v1/proxy/anthropic/v1/v1/messages', 'anthropic', '/v1/messages', ''],
    ['/v1/proxy/anthropic/messagesx', 'anthropic', '/messagesx', ''],
    ['/v1/proxy/anthropic/api/oauth/usage', 'anthropic', '/api/oauth/usage', ''],
    ['/v1/proxy/gemini/models/m:generateContent', 'gemini', '/v1beta/models/m:generateContent', ''],
    ['/v1/proxy/gemini/v1beta/v1beta/models/m', 'gemini', '/v1beta/models/m', ''],
    ['/v1/proxy/gemini/v1beta/v1alpha/models/m', 'gemini', '/v1alpha/models/m', ''],
    ['/v1/proxy/gemini/v1/v1beta/models/m', 'gemini', '/v1beta/models/m', ''],
    ['/v1/proxy/gemini/v1beta/upload/v1beta/files', 'gemini', '/upload/v1beta/files', ''],
    ['/v1/proxy/gemini/v1beta/ws/a.Bidi', 'gemini', '/ws/a.Bidi', ''],
    ['/v1/proxy/gemini/openai/chat/completions', 'gemini', '/v1beta/openai/chat/completions', ''],
    ['/v1/proxy/gemini/v1/models/m', 'gemini', '/v1/models/m', ''],
    ['/v1/proxy/anthropic/a?b?c', 'anthropic', '/a', 'b?c'],
  ])('%s', (path, provider, endpoint, query) =>
    expect(routeOf(path, SHIPPED_PROVIDERS)).toEqual({
      provider: SHIPPED_PROVIDERS.named(provider),
      endpoint,
      query,
    }),
  )

  test.each([
    '/v1/proxy/',
    '/v1/proxy/openai',
    '/v1/proxy/openai?x=/',
    '/v1/proxy/azure/x',
    '/v1/proxy/OpenAI/x',
    '/v1/proxy/openaix/y',
    '/v1/audit',
    '/',
    '',
    '/V1/proxy/openai/x',
    '/v1/proxy/constructor/x',
    'v1/proxy/openai/x',
  ])('no one: %j', (path) => expect(routeOf(path, SHIPPED_PROVIDERS)).toBeNull())
})

describe('a path that Envoy and the provider could read differently', () => {
  test.each([
    '/v1/..%2fanthropic',
    '/v1/%2e%2e%2Fx',
    '/v1/%2E./%5cx',
    '/a\\..\\b',
    '/a/..%5Cb',
    '/a%2f..',
    '/a%2f.',
    '%2f../x',
    '/x/%2f/../y',
    '/a%2f%2e/b',
  ])('is ambiguous: %s', (path) => expect(isAmbiguousPath(path)).toBe(true))

  test.each([
    '/v1/chat/completions',
    '/v1/files/a%2Fb',
    '/v1/files/..hidden%2Fx',
    '/v1/models/gpt-4.1',
    '/v1/files/a%5Cb',
    '/v1/../x',
    '/v1/.well-known%2fx',
    '/v1/a...%2fb',
    '/v1/%252e%252e%252f',
  ])('is not: %s', (path) => expect(isAmbiguousPath(path)).toBe(false))
})
