import { chatCounting } from '../openai/counting.ts'
import { openaiEndpoints } from '../openai/endpoint-list.ts'
import { openaiRealtime } from '../openai/realtime.ts'
import { openaiChatText } from '../openai/text-chat.ts'
import { openaiCompletionsText } from '../openai/text-input.ts'
import type { KnownHost, ProviderDefinition } from '../provider.ts'
import { bookPrices } from '../provider-prices.ts'
import { byShapeFormat } from '../usage/by-shape.ts'
import { noUsage } from '../usage/no-usage.ts'
import { compatibleChat, compatibleCompletions } from './endpoints/chat.ts'
import { prices } from './prices.ts'
import { compatibleUsage } from './usage.ts'

declare module '../../evidence/evidence.ts' {
  interface ProviderNames {
    'openai-compatible': true
  }
}

/**
 * Hosts by their names, with the origin and base path of their own documentation. The last two run
 * on the customer's machines, and nobody lists prices for them.
 */
const knownHosts: readonly KnownHost[] = [
  host('mistral', 'https://api.mistral.ai', '/v1', 'mistral'),
  host('groq', 'https://api.groq.com', '/openai/v1', 'groq'),
  host('deepseek', 'https://api.deepseek.com', '/v1', 'deepseek'),
  host('xai', 'https://api.x.ai', '/v1', 'x-ai'),
  host('together', 'https://api.together.xyz', '/v1', 'together'),
  host('fireworks', 'https://api.fireworks.ai', '/inference/v1', 'fireworks'),
  host('openrouter', 'https://openrouter.ai', '/api/v1', 'openrouter'),
  host('ollama', 'http://127.0.0.1:11434', '/v1', null),
  host('vllm', 'http://127.0.0.1:8000', '/v1', null),
]

/**
 * Any host that serves OpenAI's API: chat, completions, embeddings, responses and what goes with
 * them, under its own base path, with what such hosts add to the usage.
 */
export const openaiCompatible: ProviderDefinition = {
  name: 'openai-compatible',
  // That of a host must be configured, or be known by its name.
  upstream: null,
  basePath: '/v1',
  knownHosts,
  pathRules: [],
  keyHeaders: [],
  credential: (key) => ['authorization', `Bearer ${key}`],
  credentialKind: () => 'api_key',
  requestIdHeader: 'x-request-id',
  endpoints: [
    {
      path: /^\/v1\/(agents|chat)\/completions\/?$/,
      format: compatibleChat,
      billing: 'billed',
      text: openaiChatText,
      counting: chatCounting,
    },
    {
      path: /^\/v1\/(fim\/)?completions\/?$/,
      format: compatibleCompletions,
      billing: 'billed',
      text: openaiCompletionsText,
      counting: chatCounting,
    },
    ...openaiEndpoints('/v1'),
    // OpenRouter's own: what a key has left, which hosts serve a model, what a call cost.
    { path: /^\/v1\/(key|credits|generation|providers)(\/|$)/, format: noUsage, billing: 'free' },
  ],
  unknownEndpoint: byShapeFormat({ usage: compatibleUsage, usageMetadata: compatibleUsage }),
  sockets: [
    {
      path: /^\/v1\/(realtime|responses)\/?$/,
      format: openaiRealtime,
      requestIdHeader: 'x-request-id',
    },
  ],
  deferred: {
    finalStates: ['completed', 'failed', 'incomplete', 'expired', 'cancelled'],
    resultFilePaths: ['/files/[^/]+/content$'],
  },
  uploads: null,
  prices,
  welcome: [{ title: 'OpenAI-compatible host', path: '' }],
}

function host(
  name: string,
  upstream: string,
  basePath: `/${string}`,
  bookId: string | null,
): KnownHost {
  return { name, upstream, basePath, prices: bookPrices(bookId) }
}
