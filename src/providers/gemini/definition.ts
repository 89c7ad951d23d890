import { batchResultsFormat, openaiBatch } from '../openai/batch.ts'
import { chatCounting } from '../openai/counting.ts'
import { openaiEmbeddings, openaiImages } from '../openai/endpoints/others.ts'
import { openaiChatText } from '../openai/text-chat.ts'
import { openaiImagesText } from '../openai/text-images.ts'
import { openaiEmbeddingsText } from '../openai/text-input.ts'
import { openaiUsage } from '../openai/usage.ts'
import type { Endpoint, ProviderDefinition } from '../provider.ts'
import { byShapeFormat } from '../usage/by-shape.ts'
import { noUsage } from '../usage/no-usage.ts'
import type { WireFormat } from '../wire-format.ts'
import { geminiBatch, geminiBatchResults } from './batch.ts'
import { interactionsCounting } from './counting.ts'
import { compatibleChat, compatibleUsage } from './endpoints/compatible.ts'
import { geminiGenerate, geminiPathModel } from './endpoints/generate.ts'
import { geminiCachedContent, geminiEmbeddings, geminiInteractions } from './endpoints/others.ts'
import { geminiLive } from './live.ts'
import { geminiPathRules } from './path-rules.ts'
import { prices } from './prices.ts'
import { geminiGenerateText } from './text-generate.ts'
import { geminiInteractionsText } from './text-interactions.ts'
import { geminiPredictText } from './text-predict.ts'
import { geminiUsage } from './usage.ts'

declare module '../../evidence/evidence.ts' {
  interface ProviderNames {
    gemini: true
  }
}

/** Tokens of OAuth. */
const OAUTH = 'ya29'
const COMPATIBLE = /^\/v[^/]+\/openai\//

/** As everywhere where no usage is reported, but the path names the model. */
const noUsageOfModel: WireFormat = {
  ...noUsage,
  request: (endpoint) => ({ model: geminiPathModel(endpoint), stream: false }),
}

/** Paths that are compatible with OpenAI's. */
const compatible: readonly Endpoint[] = [
  {
    path: /\/openai\/chat\/completions\/?$/,
    format: compatibleChat,
    billing: 'billed',
    text: openaiChatText,
    counting: chatCounting,
  },
  {
    path: /\/openai\/embeddings\/?$/,
    format: openaiEmbeddings,
    billing: 'billed',
    text: openaiEmbeddingsText,
  },
  {
    path: /\/openai\/images\/generations\/?$/,
    format: openaiImages,
    billing: 'billed',
    text: openaiImagesText,
  },
  { path: /\/openai\/batches(\/[^/]+(\/cancel)?)?$/, format: openaiBatch, billing: 'free' },
  {
    path: /\/openai\/files\/[^/]+\/content$/,
    format: batchResultsFormat(compatibleUsage),
    billing: 'free',
  },
  { path: /\/openai\/(models|files)(\/|$)/, format: noUsage, billing: 'free' },
]

/** https://ai.google.dev/api */
export const gemini: ProviderDefinition = {
  name: 'gemini',
  upstream: 'https://generativelanguage.googleapis.com',
  basePath: '',
  pathRules: geminiPathRules,
  keyHeaders: ['x-goog-api-key'],
  credential: (key, endpoint) =>
    key.startsWith(OAUTH) || COMPATIBLE.test(endpoint)
      ? ['authorization', `Bearer ${key}`]
      : ['x-goog-api-key', key],
  credentialKind: (key) => {
    // https://ai.google.dev/gemini-api/docs/api-key: standard keys and auth keys.
    if (key.startsWith('AIza') || key.startsWith('AQ.')) return 'api_key'
    return key.startsWith(OAUTH) ? 'oauth' : null
  },
  requestIdHeader: null,
  endpoints: [
    ...compatible,
    {
      path: /(:|%3A)(generateContent|streamGenerateContent)$/i,
      format: geminiGenerate,
      billing: 'billed',
      text: geminiGenerateText,
    },
    {
      path: /(:|%3A)(embedContent|batchEmbedContents|embedText|batchEmbedText)$/i,
      format: geminiEmbeddings,
      billing: 'billed',
      withoutText: 'what is embedded is not read yet',
    },
    { path: /(:|%3A)\w{0,16}batch\w{1,32}Content$/i, format: geminiBatch, billing: 'free' },
    { path: /^\/v1\w{0,16}\/batches\/[^/:]+$/, format: geminiBatch, billing: 'free' },
    {
      path: /^(\/download)?\/v1\w{0,16}\/files\/[^/:]+:download$/,
      format: geminiBatchResults,
      billing: 'free',
    },
    {
      path: /(:|%3A)(countTokens|countTextTokens|countMessageTokens|computeTokens)$/i,
      format: noUsageOfModel,
      billing: 'free',
    },
    {
      path: /(:|%3A)predict$/i,
      format: noUsageOfModel,
      billing: 'billed',
      text: geminiPredictText,
    },
    {
      path: /(:|%3A)predictLongRunning$/i,
      format: noUsageOfModel,
      billing: 'billed',
      withoutText: 'prompts of videos are not read yet',
    },
    {
      path: /^\/v1(alpha|beta)\/cachedContents\/?$/,
      format: geminiCachedContent,
      billing: 'billed',
      withoutText: 'what is cached is the prompt of later calls',
    },
    {
      path: /\/interactions\/?$/,
      format: geminiInteractions,
      billing: 'billed',
      text: geminiInteractionsText,
      counting: interactionsCounting,
    },
    { path: /\/interactions\/[^/]+(\/cancel)?$/, format: geminiInteractions, billing: 'free' },
    { path: /^\/ws\//, format: noUsage, billing: 'free' },
    { path: /\/upload\//, format: noUsage, billing: 'free' },
    { path: /^\/v1\w{0,16}\/(models|tunedModels)(\/[^:]*)?$/i, format: noUsage, billing: 'free' },
    {
      path: /^\/v1\w{0,16}\/(files|cachedContents|batches|operations|corpora|fileSearchStores|auth_tokens|tuningJobs)([/:]|$)/,
      format: noUsage,
      billing: 'free',
    },
    {
      path: /^\/v1\w{0,16}\/(agents|credentials|environments|triggers|voices|webhooks)([/:]|$)/,
      format: noUsage,
      billing: 'free',
    },
  ],
  unknownEndpoint: byShapeFormat({
    usage: openaiUsage,
    usageMetadata: (usage) => geminiUsage(usage, usage),
    request: (endpoint) => {
      const model = geminiPathModel(endpoint)
      return model === null ? null : { model, stream: /:stream\w*$/.test(endpoint) }
    },
  }),
  sockets: [
    {
      path: /\.BidiGenerateContent(Constrained)?$/,
      format: geminiLive,
      requestIdHeader: 'x-request-id',
    },
  ],
  deferred: {
    finalStates: ['SUCCEEDED', 'FAILED', 'CANCELLED', 'EXPIRED'].flatMap((state) => [
      `BATCH_STATE_${state}`,
      `JOB_STATE_${state}`,
    ]),
    resultFilePaths: ['/files/[^/]+:download$'],
  },
  uploads: { pathPrefix: '/upload/', addressHeader: 'x-goog-upload-url' },
  prices,
  welcome: [
    { title: 'Gemini (GenAI SDK)', path: '' },
    { title: 'Gemini (OpenAI SDK)', path: '/v1beta/openai' },
  ],
}
