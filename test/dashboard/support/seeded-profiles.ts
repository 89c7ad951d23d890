import type { Provider } from '../../../src/evidence/evidence.ts'

/** What calls of one model are like. Ranges are of the least and the most. */
export interface ModelProfile {
  readonly provider: Provider
  readonly endpoint: string
  readonly requested: string
  readonly answered: string
  readonly weight: number
  readonly inputTokens: readonly [number, number]
  /** Null for answers without text. */
  readonly outputTokens: readonly [number, number] | null
  /** Shares: of input from the cache, of output that is reasoning, of calls that are streamed. */
  readonly cached: number
  readonly reasoning: number
  readonly streamed: number
  readonly firstByteMs: readonly [number, number]
  readonly msPerToken: number
}

const chat = { provider: 'openai', endpoint: '/v1/chat/completions' } as const
const messages = { provider: 'anthropic', endpoint: '/v1/messages' } as const

export const MODELS: readonly ModelProfile[] = [
  {
    ...{ ...chat, requested: 'gpt-4o', answered: 'gpt-4o-2024-08-06', weight: 26 },
    ...{ inputTokens: [180, 6_000], outputTokens: [20, 900], cached: 0.3, reasoning: 0 },
    ...{ streamed: 0.6, firstByteMs: [240, 900], msPerToken: 9 },
  },
  {
    ...{ ...chat, requested: 'gpt-4o-mini', answered: 'gpt-4o-mini-2024-07-18', weight: 30 },
    ...{ inputTokens: [90, 2_400], outputTokens: [8, 400], cached: 0.2, reasoning: 0 },
    ...{ streamed: 0.3, firstByteMs: [160, 600], msPerToken: 6 },
  },
  {
    ...{ provider: 'openai', endpoint: '/v1/responses', requested: 'gpt-5', answered: 'gpt-5' },
    ...{ weight: 8, inputTokens: [400, 9_000], outputTokens: [200, 4_000], cached: 0.4 },
    ...{ reasoning: 0.6, streamed: 0.8, firstByteMs: [900, 7_000], msPerToken: 11 },
  },
  {
    ...{ ...messages, requested: 'claude-sonnet-4-5', answered: 'claude-sonnet-4-5-20250929' },
    ...{ weight: 14, inputTokens: [2_000, 60_000], outputTokens: [60, 2_400], cached: 0.8 },
    ...{ reasoning: 0, streamed: 0.95, firstByteMs: [500, 2_600], msPerToken: 13 },
  },
  {
    ...{ ...messages, requested: 'claude-haiku-4-5', answered: 'claude-haiku-4-5-20251001' },
    ...{ weight: 10, inputTokens: [120, 3_000], outputTokens: [10, 500], cached: 0.1 },
    ...{ reasoning: 0, streamed: 0.5, firstByteMs: [180, 800], msPerToken: 7 },
  },
  {
    ...{ provider: 'gemini', endpoint: '/v1beta/models/gemini-2.5-flash:generateContent' },
    ...{ requested: 'gemini-2.5-flash', answered: 'gemini-2.5-flash', weight: 7 },
    ...{ inputTokens: [200, 8_000], outputTokens: [20, 700], cached: 0, reasoning: 0.3 },
    ...{ streamed: 0.2, firstByteMs: [260, 1_200], msPerToken: 5 },
  },
  {
    ...{ provider: 'openai', endpoint: '/v1/embeddings', requested: 'text-embedding-3-small' },
    ...{ answered: 'text-embedding-3-small', weight: 4, inputTokens: [40, 8_000], cached: 0 },
    ...{ outputTokens: null, reasoning: 0, streamed: 0, firstByteMs: [60, 300], msPerToken: 0 },
  },
  // In no price book: its cost is not known.
  {
    ...{ ...chat, requested: 'contracts-7b', answered: 'contracts-7b', weight: 1 },
    ...{ inputTokens: [300, 3_000], outputTokens: [40, 300], cached: 0, reasoning: 0 },
    ...{ streamed: 0, firstByteMs: [200, 700], msPerToken: 8 },
  },
]

/** Who calls: a Flint key by its name, what its calls say of themselves, and its clients. */
export interface CallerProfile {
  readonly key: string
  readonly weight: number
  readonly providerKeyHint: string
  readonly userAgent: string
  readonly tags: readonly Readonly<Record<string, string>>[]
  /** By their models; all of them where it is null. */
  readonly models: readonly string[] | null
}

export const CALLERS: readonly CallerProfile[] = [
  {
    ...{ key: 'web', weight: 50, providerKeyHint: '...9x1a', userAgent: 'OpenAI/JS 6.49.0' },
    tags: [
      { team: 'search', environment: 'production' },
      { team: 'support', environment: 'production' },
    ],
    models: ['gpt-4o', 'gpt-4o-mini', 'claude-haiku-4-5', 'text-embedding-3-small'],
  },
  {
    ...{ key: 'agents', weight: 22, providerKeyHint: '...Qz7c', userAgent: 'claude-cli/2.1.4' },
    tags: [{ team: 'platform' }],
    models: ['claude-sonnet-4-5', 'gpt-5'],
  },
  {
    ...{ key: 'nightly', weight: 18, providerKeyHint: '...m04e', userAgent: 'OpenAI/Python 2.9.1' },
    tags: [
      { team: 'finance', job: 'invoices' },
      { team: 'finance', job: 'reports' },
    ],
    models: null,
  },
  {
    ...{ key: 'ci', weight: 10, providerKeyHint: '...k3f2', userAgent: 'OpenAI/JS 6.49.0' },
    ...{ tags: [{ team: 'search', environment: 'ci' }, {}], models: ['gpt-4o-mini', 'gpt-4o'] },
  },
]
