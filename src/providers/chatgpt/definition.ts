import { responsesCounting } from '../openai/counting.ts'
import { openaiCredentialKind } from '../openai/credential-kind.ts'
import { openaiResponses } from '../openai/endpoints/responses.ts'
import { openaiRealtime } from '../openai/realtime.ts'
import { openaiResponsesText } from '../openai/text-responses.ts'
import type { ProviderDefinition } from '../provider.ts'
import { byShapeFormat } from '../usage/by-shape.ts'
import { noUsage } from '../usage/no-usage.ts'
import { prices } from './prices.ts'
import { chatgptUsage } from './usage.ts'

declare module '../../evidence/evidence.ts' {
  interface ProviderNames {
    chatgpt: true
  }
}

/**
 * Where Codex goes when it is logged in with a ChatGPT plan: its token is good here alone, and the
 * paths are those of OpenAI's Responses API under another base (openai/codex,
 * codex-rs/core/src/model_provider_info.rs).
 */
export const chatgpt: ProviderDefinition = {
  name: 'chatgpt',
  upstream: 'https://chatgpt.com',
  basePath: '/backend-api/codex',
  pathRules: [{ from: '/v1', to: '/backend-api/codex' }],
  keyHeaders: [],
  credential: (key) => ['authorization', `Bearer ${key}`],
  credentialKind: openaiCredentialKind,
  requestIdHeader: 'x-request-id',
  endpoints: [
    {
      path: /^\/backend-api\/codex\/responses\/?$/,
      format: openaiResponses,
      billing: 'billed',
      text: openaiResponsesText,
      counting: responsesCounting,
    },
    {
      path: /^\/backend-api\/codex\/responses\/compact\/?$/,
      format: openaiResponses,
      billing: 'billed',
      withoutText: 'the input is a conversation to be made shorter, no new prompt',
    },
    { path: /^\/backend-api\/codex\/models(\/|$)/, format: noUsage, billing: 'free' },
  ],
  unknownEndpoint: byShapeFormat({ usage: chatgptUsage, usageMetadata: chatgptUsage }),
  sockets: [
    {
      path: /^\/backend-api\/codex\/responses\/?$/,
      format: openaiRealtime,
      requestIdHeader: 'x-request-id',
    },
  ],
  deferred: {
    finalStates: ['completed', 'failed', 'incomplete', 'cancelled'],
    resultFilePaths: [],
  },
  uploads: null,
  prices,
  welcome: [{ title: 'ChatGPT plan (Codex)', path: '' }],
}
