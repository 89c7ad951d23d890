import { messagesCounting } from '../anthropic/counting.ts'
import { anthropicMessagesText } from '../anthropic/text-messages.ts'
import { anthropicUsage } from '../anthropic/usage.ts'
import { chatCounting } from '../openai/counting.ts'
import { openaiChat } from '../openai/endpoints/chat.ts'
import { openaiChatText } from '../openai/text-chat.ts'
import type { ProviderDefinition } from '../provider.ts'
import { byShapeFormat } from '../usage/by-shape.ts'
import { noUsage } from '../usage/no-usage.ts'
import { answerHeaders } from './answer-headers.ts'
import { bedrockConverse } from './endpoints/converse.ts'
import { bedrockInvoke } from './endpoints/invoke.ts'
import { bedrockMessages } from './endpoints/messages.ts'
import { prices } from './prices.ts'
import { bedrockConverseText } from './text-converse.ts'
import { bedrockInvokeText } from './text-invoke.ts'
import { bedrockUsage } from './usage.ts'

declare module '../../evidence/evidence.ts' {
  interface ProviderNames {
    bedrock: true
  }
}

/**
 * Long-term keys are `ABSK…`, short-term ones `bedrock-api-key-…`; both are bearer tokens
 * (https://docs.aws.amazon.com/bedrock/latest/userguide/api-keys-use.html).
 */
const API_KEY = /^(ABSK|bedrock-api-key-)/

/**
 * AWS Signature Version 4, and 4A
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-authentication-methods.html).
 */
const SIGNATURE = /^AWS4-[A-Z0-9-]{1,32} (?:[^/]{1,1024}, ?)?Credential=([A-Z0-9]{16,128})\//
const SIGNED_HEADERS = /[ ,]SignedHeaders=([a-z0-9:;_-]{1,4096})/

/** https://docs.aws.amazon.com/bedrock/latest/APIReference/API_Operations_Amazon_Bedrock_Runtime.html */
export const bedrock: ProviderDefinition = {
  name: 'bedrock',
  // Of the customer's region: https://bedrock-runtime.eu-central-1.amazonaws.com
  upstream: null,
  basePath: '',
  hosts: ['bedrock-runtime.*.amazonaws.com', 'bedrock-runtime-fips.*.amazonaws.com'],
  pathRules: [],
  keyHeaders: [],
  credential: (key) => ['authorization', `Bearer ${key}`],
  credentialKind: (key) => (API_KEY.test(key) ? 'api_key' : null),
  signature(authorization) {
    const keyId = SIGNATURE.exec(authorization)?.[1]
    const headers = SIGNED_HEADERS.exec(authorization)?.[1]?.split(';') ?? []
    return keyId === undefined ? null : { keyId, headers }
  },
  requestIdHeader: 'x-amzn-requestid',
  answerHeaders,
  endpoints: [
    {
      path: /^\/model\/.+\/converse(-stream)?\/?$/,
      format: bedrockConverse,
      billing: 'billed',
      text: bedrockConverseText,
    },
    {
      path: /^\/model\/.+\/invoke(-with-response-stream)?\/?$/,
      format: bedrockInvoke,
      billing: 'billed',
      text: bedrockInvokeText,
      // Of Claude: others report what they have written with each event, or nothing before the end.
      counting: messagesCounting,
    },
    // Answers without an inference, and costs nothing:
    // https://docs.aws.amazon.com/bedrock/latest/userguide/count-tokens.html
    { path: /^\/model\/.+\/count-tokens\/?$/, format: noUsage, billing: 'free' },
    // Billed by units of text that no price book has.
    {
      path: /^\/guardrail\/.+\/version\/[^/]+\/apply\/?$/,
      format: noUsage,
      billing: 'billed',
      withoutText: 'content that is checked, and no prompt of a model',
    },
    // Makes videos, which are billed by the second; the answer names where they will be.
    {
      path: /^\/async-invoke\/?$/,
      format: noUsage,
      billing: 'billed',
      withoutText: 'prompts of videos are not read yet',
    },
    { path: /^\/async-invoke\/.+$/, format: noUsage, billing: 'free' },
    // https://docs.aws.amazon.com/bedrock/latest/userguide/inference-chat-completions.html
    {
      path: /^\/openai\/v1\/chat\/completions\/?$/,
      format: openaiChat,
      billing: 'billed',
      text: openaiChatText,
      counting: chatCounting,
    },
    // https://platform.claude.com/docs/en/build-with-claude/claude-in-amazon-bedrock
    {
      path: /^\/anthropic\/v1\/messages\/?$/,
      format: bedrockMessages,
      billing: 'billed',
      text: anthropicMessagesText,
      counting: messagesCounting,
    },
    { path: /^\/anthropic\/v1\/messages\/count_tokens\/?$/, format: noUsage, billing: 'free' },
    { path: /^\/openai\/v1\/models(\/|$)/, format: noUsage, billing: 'free' },
  ],
  unknownEndpoint: byShapeFormat({
    usage: (usage) =>
      usage.inputTokens === undefined ? anthropicUsage(usage, null) : bedrockUsage(usage),
    usageMetadata: (usage) => bedrockUsage(usage),
  }),
  sockets: [],
  deferred: { finalStates: [], resultFilePaths: [] },
  uploads: null,
  prices,
  welcome: [{ title: 'Amazon Bedrock', path: '' }],
}
