import { messagesCounting } from '../anthropic/counting.ts'
import { anthropicMessagesText } from '../anthropic/text-messages.ts'
import { anthropicUsage } from '../anthropic/usage.ts'
import { geminiGenerate } from '../gemini/endpoints/generate.ts'
import { geminiCachedContent, geminiEmbeddings } from '../gemini/endpoints/others.ts'
import { geminiLive } from '../gemini/live.ts'
import { geminiGenerateText } from '../gemini/text-generate.ts'
import { geminiUsage } from '../gemini/usage.ts'
import { chatCounting } from '../openai/counting.ts'
import { openaiChatText } from '../openai/text-chat.ts'
import type { ProviderDefinition } from '../provider.ts'
import { byShapeFormat } from '../usage/by-shape.ts'
import { noUsage } from '../usage/no-usage.ts'
import { vertexPredict } from './endpoints/predict.ts'
import { noUsageOfModel, vertexChat, vertexMessages } from './endpoints/publishers.ts'
import { vertexPathRules } from './path-rules.ts'
import { prices, REGIONAL_TERM, UNREPORTED_TERM } from './prices.ts'
import { vertexPredictText } from './text-predict.ts'

declare module '../../evidence/evidence.ts' {
  interface ProviderNames {
    vertex: true
  }
}

/** Keys of express mode; every other credential is an access token of Google Cloud. */
const KEY = /^(AIza|AQ\.)/
const TOKEN = /^(ya29|eyJ)/

/**
 * https://docs.cloud.google.com/vertex-ai/docs/reference/rest. A location has a host of its own:
 * `https://us-east5-aiplatform.googleapis.com`, `https://aiplatform.eu.rep.googleapis.com`,
 * `https://aiplatform.googleapis.com` for the global one.
 */
export const vertex: ProviderDefinition = {
  name: 'vertex',
  // That of a location must be configured.
  upstream: null,
  basePath: '',
  hosts: [
    'aiplatform.googleapis.com',
    '*-aiplatform.googleapis.com',
    'aiplatform.*.rep.googleapis.com',
  ],
  pathRules: vertexPathRules,
  keyHeaders: ['x-goog-api-key'],
  credential: (key) =>
    KEY.test(key) ? ['x-goog-api-key', key] : ['authorization', `Bearer ${key}`],
  credentialKind: (key) => {
    if (KEY.test(key)) return 'api_key'
    return TOKEN.test(key) ? 'oauth' : null
  },
  // Of Anthropic's models; Google's have an id in the body alone.
  requestIdHeader: 'request-id',
  billedTerms: (endpoint) => {
    if (endpoint.startsWith('/ws/')) return [UNREPORTED_TERM]
    const location = /\/locations\/([^/]+)/.exec(endpoint)?.[1] ?? 'global'
    return location === 'global' ? [] : [REGIONAL_TERM]
  },
  endpoints: [
    {
      path: /(:|%3A)(generateContent|streamGenerateContent)$/i,
      format: geminiGenerate,
      billing: 'billed',
      text: geminiGenerateText,
    },
    {
      path: /\/publishers\/anthropic\/models\/count-tokens(:|%3A)rawPredict$/i,
      format: noUsage,
      billing: 'free',
    },
    {
      path: /\/publishers\/anthropic\/models\/[^/]+(:|%3A)(rawPredict|streamRawPredict)$/i,
      format: vertexMessages,
      billing: 'billed',
      text: anthropicMessagesText,
      counting: messagesCounting,
    },
    {
      path: /\/endpoints\/[^/]+\/chat\/completions\/?$/,
      format: vertexChat,
      billing: 'billed',
      text: openaiChatText,
      counting: chatCounting,
    },
    {
      path: /(:|%3A)embedContent$/i,
      format: geminiEmbeddings,
      billing: 'billed',
      withoutText: 'what is embedded is not read yet',
    },
    {
      path: /\/publishers\/[^/]+\/models\/[^/]+(:|%3A)predict$/i,
      format: vertexPredict,
      billing: 'billed',
      text: vertexPredictText,
    },
    {
      path: /(:|%3A)predictLongRunning$/i,
      format: noUsageOfModel,
      billing: 'billed',
      withoutText: 'prompts of videos are not read yet',
    },
    {
      path: /(:|%3A)(countTokens|computeTokens|fetchPredictOperation)$/i,
      format: noUsageOfModel,
      billing: 'free',
    },
    {
      path: /\/cachedContents\/?$/,
      format: geminiCachedContent,
      billing: 'billed',
      withoutText: 'what is cached is the prompt of later calls',
    },
    // Their answers go to a bucket or a table, and never pass here.
    { path: /\/batchPredictionJobs([/:]|$)/, format: noUsage, billing: 'free' },
    {
      path: /^\/v1(beta1)?\/(projects\/[^/]+\/)?(locations\/[^/]+\/)?(publishers\/[^/]+\/)?(cachedContents|tuningJobs|operations|models|ragCorpora|reasoningEngines)(\/[^:]*)?$/,
      format: noUsage,
      billing: 'free',
    },
    // A model that the customer deployed is paid by the hour of its machine.
    {
      path: /\/endpoints\/[^/]+(:|%3A)(predict|rawPredict|streamRawPredict|directPredict)$/i,
      format: noUsage,
      billing: 'free',
    },
    { path: /^\/ws\//, format: noUsage, billing: 'free' },
  ],
  unknownEndpoint: byShapeFormat({
    usage: (usage) => anthropicUsage(usage, null),
    usageMetadata: (usage) => geminiUsage(usage, usage),
    request: (endpoint) => noUsageOfModel.request?.(endpoint) ?? null,
  }),
  sockets: [
    {
      path: /\.LlmBidiService\/BidiGenerateContent$/,
      format: geminiLive,
      requestIdHeader: 'x-request-id',
    },
  ],
  deferred: { finalStates: [], resultFilePaths: [] },
  uploads: null,
  prices,
  welcome: [{ title: 'Vertex AI', path: '' }],
}
