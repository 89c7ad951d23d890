import { geminiUsage } from '../gemini/usage.ts'
import type { ProviderDefinition } from '../provider.ts'
import { byShapeFormat } from '../usage/by-shape.ts'
import { openaiCredentialKind } from './credential-kind.ts'
import { openaiEndpoints } from './endpoint-list.ts'
import { prices } from './prices.ts'
import { openaiRealtime } from './realtime.ts'
import { openaiUsage } from './usage.ts'

declare module '../../evidence/evidence.ts' {
  interface ProviderNames {
    openai: true
  }
}

/** https://platform.openai.com/docs/api-reference */
export const openai: ProviderDefinition = {
  name: 'openai',
  upstream: 'https://api.openai.com',
  basePath: '/v1',
  // Of projects with data residency.
  hosts: ['*.api.openai.com'],
  pathRules: [],
  keyHeaders: [],
  credential: (key) => ['authorization', `Bearer ${key}`],
  credentialKind: openaiCredentialKind,
  requestIdHeader: 'x-request-id',
  endpoints: openaiEndpoints('/v1'),
  unknownEndpoint: byShapeFormat({
    usage: openaiUsage,
    usageMetadata: (usage) => geminiUsage(usage, usage),
  }),
  sockets: [
    {
      path: /^\/v1\/(realtime|responses)\/?$/,
      format: openaiRealtime,
      requestIdHeader: 'x-request-id',
    },
  ],
  deferred: {
    finalStates: ['completed', 'failed', 'incomplete', 'expired', 'cancelled', 'canceled'],
    resultFilePaths: ['/files/[^/]+/content$'],
  },
  uploads: null,
  prices,
  welcome: [{ title: 'OpenAI', path: '' }],
  example: {
    keyVariable: 'OPENAI_API_KEY',
    path: '/chat/completions',
    body: '{"model":"gpt-4o-mini","messages":[{"role":"user","content":"Say hello."}]}',
  },
}
