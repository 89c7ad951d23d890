import type { Provider } from '../../evidence/evidence.ts'
import { anthropicText } from '../anthropic/text-messages.ts'
import { geminiText } from '../gemini/text-generate.ts'
import { geminiInteractionsText } from '../gemini/text-interactions.ts'
import { geminiPredictText } from '../gemini/text-predict.ts'
import { openaiChatText } from '../openai/text-chat.ts'
import { openaiImagesText } from '../openai/text-images.ts'
import { openaiCompletionsText, openaiEmbeddingsText } from '../openai/text-input.ts'
import { openaiResponsesText } from '../openai/text-responses.ts'
import { openaiSpeechText } from '../openai/text-speech.ts'
import type { TextFormat } from './text-format.ts'

interface TextEndpoint {
  readonly provider: Provider
  readonly path: RegExp
  readonly format: TextFormat
}

/** The endpoints whose words are read: one more is one more line. All are POST. */
const ENDPOINTS: readonly TextEndpoint[] = [
  { provider: 'openai', path: /^\/v1\/chat\/completions\/?$/, format: openaiChatText },
  { provider: 'openai', path: /^\/v1\/responses\/?$/, format: openaiResponsesText },
  { provider: 'openai', path: /^\/v1\/completions\/?$/, format: openaiCompletionsText },
  { provider: 'openai', path: /^\/v1\/embeddings\/?$/, format: openaiEmbeddingsText },
  { provider: 'openai', path: /^\/v1\/images\/(generations|edits|variations)\/?$/, format: openaiImagesText },
  { provider: 'openai', path: /^\/v1\/audio\/speech\/?$/, format: openaiSpeechText },
  { provider: 'anthropic', path: /^\/v1\/messages\/?$/, format: anthropicText },
  { provider: 'anthropic', path: /^\/v1\/chat\/completions\/?$/, format: openaiChatText },
  { provider: 'gemini', path: /\/openai\/chat\/completions\/?$/, format: openaiChatText },
  { provider: 'gemini', path: /\/openai\/embeddings\/?$/, format: openaiEmbeddingsText },
  { provider: 'gemini', path: /\/openai\/images\/generations\/?$/, format: openaiImagesText },
  { provider: 'gemini', path: /(:|%3A)(generateContent|streamGenerateContent)$/i, format: geminiText },
  { provider: 'gemini', path: /(:|%3A)predict$/i, format: geminiPredictText },
  { provider: 'gemini', path: /\/interactions\/?$/, format: geminiInteractionsText },
]

/** Where the words of a call stand; null for an endpoint whose words Flint does not know. */
export function textFormatOf(provider: Provider, method: string, endpoint: string): TextFormat | null {
  if (method !== 'POST') return null
  return ENDPOINTS.find((known) => known.provider === provider && known.path.test(endpoint))?.format ?? null
}
