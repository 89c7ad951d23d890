import { messagesCounting } from '../anthropic/counting.ts'
import { anthropicMessages } from '../anthropic/endpoints/messages.ts'
import { anthropicMessagesText } from '../anthropic/text-messages.ts'
import { chatCounting } from '../openai/counting.ts'
import { openaiEndpoints } from '../openai/endpoint-list.ts'
import { openaiChat } from '../openai/endpoints/chat.ts'
import { openaiEmbeddings } from '../openai/endpoints/others.ts'
import { openaiRealtime } from '../openai/realtime.ts'
import { openaiChatText } from '../openai/text-chat.ts'
import { openaiEmbeddingsText } from '../openai/text-input.ts'
import type { Endpoint, ProviderDefinition } from '../provider.ts'
import { byShapeFormat } from '../usage/by-shape.ts'
import { noUsage } from '../usage/no-usage.ts'
import { azurePathRules } from './path-rules.ts'
import { DEPLOYMENT_TERM, prices } from './prices.ts'
import { azureUsage } from './usage.ts'

declare module '../../evidence/evidence.ts' {
  interface ProviderNames {
    azure: true
  }
}

/** An access token of Entra, a JWT; Azure's keys are 32 or 84 letters and digits. */
const ENTRA = 'eyJ'

/**
 * The API with `api-version` has inference under a deployment and the rest beside it; the v1 API
 * has both under `/openai/v1`
 * (https://learn.microsoft.com/azure/ai-foundry/openai/api-version-lifecycle).
 */
const OPENAI = '/openai(?:/v1|/deployments/[^/]+(?:/extensions)?)?'

/** The other APIs of a Foundry resource (`*.services.ai.azure.com`). */
const foundry: readonly Endpoint[] = [
  {
    path: /^\/models\/chat\/completions\/?$/,
    format: openaiChat,
    billing: 'billed',
    text: openaiChatText,
    counting: chatCounting,
  },
  {
    path: /^\/models\/embeddings\/?$/,
    format: openaiEmbeddings,
    billing: 'billed',
    text: openaiEmbeddingsText,
  },
  { path: /^\/models\/info\/?$/, format: noUsage, billing: 'free' },
  {
    path: /^\/anthropic\/v1\/messages\/?$/,
    format: anthropicMessages,
    billing: 'billed',
    text: anthropicMessagesText,
    counting: messagesCounting,
  },
  { path: /^\/anthropic\/v1\/messages\/count_tokens\/?$/, format: noUsage, billing: 'free' },
]

/**
 * https://learn.microsoft.com/azure/ai-foundry/openai/reference. Each resource has a host of its
 * own: `https://{resource}.openai.azure.com`, `.cognitiveservices.azure.com` or
 * `.services.ai.azure.com`.
 */
export const azure: ProviderDefinition = {
  name: 'azure',
  // No one's: the address of a resource must be configured.
  upstream: null,
  basePath: '/openai',
  hosts: ['*.openai.azure.com', '*.cognitiveservices.azure.com', '*.services.ai.azure.com'],
  pathRules: azurePathRules,
  keyHeaders: ['api-key', 'x-api-key'],
  credential: (key) =>
    key.startsWith(ENTRA) ? ['authorization', `Bearer ${key}`] : ['api-key', key],
  // The reference names two ways alone: "API Key authentication" and "Microsoft Entra ID".
  credentialKind: (key) => (key.startsWith(ENTRA) ? 'oauth' : 'api_key'),
  // What Azure's own logs know a call by (`CorrelationId`); `x-request-id` is the model's host's.
  requestIdHeader: 'apim-request-id',
  deployment: (endpoint, query) =>
    /^\/openai\/deployments\/([^/]+)/.exec(endpoint)?.[1] ??
    new URLSearchParams(query).get('deployment'),
  billedTerms: () => [DEPLOYMENT_TERM],
  endpoints: [
    // Besides OpenAI's `/models`: what is deployed.
    {
      path: /^\/openai\/(deployments(\/[^/]+)?|operations\/.+)\/?$/,
      format: noUsage,
      billing: 'free',
    },
    ...openaiEndpoints(OPENAI),
    ...foundry,
  ],
  unknownEndpoint: byShapeFormat({ usage: azureUsage, usageMetadata: azureUsage }),
  sockets: [
    {
      path: /^\/openai(\/v1)?\/(realtime|responses)\/?$/,
      format: openaiRealtime,
      requestIdHeader: 'apim-request-id',
    },
  ],
  deferred: {
    finalStates: ['completed', 'failed', 'incomplete', 'expired', 'cancelled', 'canceled'],
    resultFilePaths: ['/files/[^/]+/content$'],
  },
  uploads: null,
  prices,
  welcome: [{ title: 'Azure OpenAI', path: '' }],
}
