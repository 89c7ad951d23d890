import type { PathRule } from '../provider.ts'

/** Paths that only the v1 API has without a deployment: clients whose base URL names no API. */
const V1_ALONE = ['/chat', '/completions', '/embeddings', '/images', '/audio'] as const

/**
 * Base URLs of AzureOpenAI clients (they add `/openai/deployments/…`) and of OpenAI clients, with
 * and without `/openai` or `/openai/v1`. What is not of Azure OpenAI stays beside it.
 */
export const azurePathRules: readonly PathRule[] = [
  { from: '/openai/v1/openai', to: '/openai' },
  { from: '/openai/v1/v1', to: '/openai/v1' },
  ...V1_ALONE.map((path) => ({ from: path, to: `/openai/v1${path}` as const })),
  ...(['/anthropic', '/models/chat', '/models/embeddings', '/models/info'] as const).map(
    (path) => ({ from: path, to: path }),
  ),
]
