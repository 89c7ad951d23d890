import { geminiUsage } from '../gemini/usage.ts'
import { chatCounting } from '../openai/counting.ts'
import { openaiChat } from '../openai/endpoints/chat.ts'
import { openaiChatText } from '../openai/text-chat.ts'
import type { ProviderDefinition } from '../provider.ts'
import { byShapeFormat } from '../usage/by-shape.ts'
import { noUsage } from '../usage/no-usage.ts'
import { anthropicBatchResults } from './batch.ts'
import { messagesCounting } from './counting.ts'
import { anthropicComplete } from './endpoints/complete.ts'
import { anthropicMessages } from './endpoints/messages.ts'
import { prices } from './prices.ts'
import { anthropicMessagesText } from './text-messages.ts'
import { anthropicUsage } from './usage.ts'

declare module '../../evidence/evidence.ts' {
  interface ProviderNames {
    anthropic: true
  }
}

/** Beginnings of paths that clients send without a version. */
const WITHOUT_VERSION = [
  '/messages',
  '/chat/completions',
  '/complete',
  '/models',
  '/files',
  '/skills',
] as const

/** Tokens of OAuth, which go where other providers want their keys. */
const OAUTH = 'sk-ant-oat'

/**
 * Called with the OpenAI SDK, which sends `Authorization: Bearer`:
 * https://platform.claude.com/docs/en/cli-sdks-libraries/libraries/openai-sdk
 */
const COMPATIBLE = /^\/v1\/chat\/completions\/?$/

/** https://platform.claude.com/docs/en/api/overview */
export const anthropic: ProviderDefinition = {
  name: 'anthropic',
  upstream: 'https://api.anthropic.com',
  // Not a base path: Claude Code also calls `/api/…`.
  basePath: '',
  pathRules: [
    { from: '/v1/v1', to: '/v1' },
    // Clients that expect the version in the base URL.
    ...WITHOUT_VERSION.map((path) => ({ from: path, to: `/v1${path}` as const })),
  ],
  keyHeaders: ['x-api-key'],
  credential: (key, endpoint) =>
    key.startsWith(OAUTH) || COMPATIBLE.test(endpoint)
      ? ['authorization', `Bearer ${key}`]
      : ['x-api-key', key],
  credentialKind: (key) => {
    // https://code.claude.com/docs/en/authentication: `claude setup-token` makes `sk-ant-oat…` for
    // a plan; https://platform.claude.com/docs/en/manage-claude/authentication: `sk-ant-api…`.
    if (key.startsWith(OAUTH)) return 'subscription'
    return key.startsWith('sk-ant-api') ? 'api_key' : null
  },
  requestIdHeader: 'request-id',
  endpoints: [
    {
      path: /^\/v1\/messages\/?$/,
      format: anthropicMessages,
      billing: 'billed',
      text: anthropicMessagesText,
      counting: messagesCounting,
    },
    {
      path: COMPATIBLE,
      format: openaiChat,
      billing: 'billed',
      text: openaiChatText,
      counting: chatCounting,
    },
    {
      path: /^\/v1\/complete\/?$/,
      format: anthropicComplete,
      billing: 'billed',
      withoutText: 'a legacy interface whose prompt is not read',
    },
    {
      path: /^\/v1\/messages\/batches\/[^/]+\/results$/,
      format: anthropicBatchResults,
      billing: 'free',
    },
    {
      path: /^\/v1\/(messages\/count_tokens|messages\/batches|files|skills|models|organizations|user_profiles|tunnels)(\/|$)/,
      format: noUsage,
      billing: 'free',
    },
    // Managed agents work on their own: each answer repeats what the session used so far, and no
    // call is the one that used it.
    {
      path: /^\/v1\/(agents|sessions|environments|vaults|memory_stores|deployments|deployment_runs|dreams)(\/|$)/,
      format: noUsage,
      billing: 'free',
    },
  ],
  unknownEndpoint: byShapeFormat({
    usage: (usage) => anthropicUsage(usage, null),
    usageMetadata: (usage) => geminiUsage(usage, usage),
  }),
  sockets: [],
  // The results of a batch are its only usage, and are read under the batch's own path.
  deferred: { finalStates: [], resultFilePaths: [] },
  uploads: null,
  prices,
  welcome: [{ title: 'Anthropic', path: '' }],
}
