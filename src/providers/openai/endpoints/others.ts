import { lastUsageFormat } from '../../usage/last-usage.ts'
import { imageUsage, inputOnlyUsage, openaiUsage, sumUsage } from '../usage.ts'

/** Embeddings: tokens in, nothing out; `data` may be megabytes of numbers and is walked over. */
export const openaiEmbeddings = lastUsageFormat({ name: 'openai-embeddings', read: inputOnlyUsage })

/**
 * Images: usage of the gpt-image models, in the answer or with the last `*.completed` event; DALL-E
 * reports none.
 */
export const openaiImages = lastUsageFormat({ name: 'openai-images', read: imageUsage })

/**
 * Transcriptions, translations and speech: usage in JSON, in `transcript.text.done` or in
 * `speech.audio.done`, as tokens or as seconds. Other answers (text, subtitles, sound) tell none.
 */
export const openaiAudio = lastUsageFormat({
  name: 'openai-audio',
  expectsJson: false,
  read: openaiUsage,
})

/**
 * A run of the assistants API, plain or streamed; its steps and messages come in the same stream.
 * It asks the model once a step, and says which tools it may use, not how often it did.
 */
export const openaiRun = lastUsageFormat({
  name: 'openai-run',
  object: 'thread.run',
  uncountedTools: ['code_interpreter', 'file_search'],
  deferred: true,
  read: sumUsage,
})
