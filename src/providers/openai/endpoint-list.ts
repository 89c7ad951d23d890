import type { Billing, Endpoint } from '../provider.ts'
import { noUsage } from '../usage/no-usage.ts'
import type { WireFormat } from '../wire-format.ts'
import { openaiBatch, openaiBatchResults } from './batch.ts'
import { chatCounting, responsesCounting } from './counting.ts'
import { openaiChat, openaiCompletions } from './endpoints/chat.ts'
import { openaiAudio, openaiEmbeddings, openaiImages, openaiRun } from './endpoints/others.ts'
import { openaiResponses } from './endpoints/responses.ts'
import { openaiChatText } from './text-chat.ts'
import { openaiImagesText } from './text-images.ts'
import { openaiCompletionsText, openaiEmbeddingsText } from './text-input.ts'
import { openaiResponsesText } from './text-responses.ts'
import { openaiSpeechText } from './text-speech.ts'

/**
 * OpenAI's endpoints under a base path, e.g. `/v1`. `root` is an expression: other hosts serve the
 * same paths under several.
 */
export function openaiEndpoints(root: string): readonly Endpoint[] {
  /** `path`: an expression for what comes after the root. */
  const at = (
    path: string,
    format: WireFormat,
    billing: Billing,
    more: Pick<Endpoint, 'text' | 'withoutText' | 'counting'> = {},
  ): Endpoint => ({ path: new RegExp(`^${root}${path}/?$`), format, billing, ...more })
  return [
    at('/chat/completions', openaiChat, 'billed', { text: openaiChatText, counting: chatCounting }),
    at('/chat/completions/.+', openaiChat, 'free'),
    at('/responses', openaiResponses, 'billed', {
      text: openaiResponsesText,
      counting: responsesCounting,
    }),
    at('/responses/compact', openaiResponses, 'billed', {
      withoutText: 'the input is a conversation to be made shorter, no new prompt',
    }),
    at('/responses/input_tokens', noUsage, 'free'),
    at('/responses/[^/]+(/cancel)?', openaiResponses, 'free'),
    at('/completions', openaiCompletions, 'billed', {
      text: openaiCompletionsText,
      counting: chatCounting,
    }),
    at('/embeddings', openaiEmbeddings, 'billed', { text: openaiEmbeddingsText }),
    at('/images/(generations|edits|variations)', openaiImages, 'billed', {
      text: openaiImagesText,
    }),
    at('/audio/speech', openaiAudio, 'billed', { text: openaiSpeechText }),
    at('/audio/(transcriptions|translations)', openaiAudio, 'billed', {
      withoutText: 'the input is sound; the hint that may go with it is not read',
    }),
    at('/batches(/[^/]+(/cancel)?)?', openaiBatch, 'free'),
    at('/files/[^/]+/content', openaiBatchResults, 'free'),
    at('/threads/([^/]+/)?runs(/[^/]+(/cancel|/submit_tool_outputs)?)?', openaiRun, 'streamed', {
      withoutText: 'the prompt is in the thread, most of it added by other calls',
    }),
    at('/videos(/edits|/extensions|/[^/]+/remix)?', noUsage, 'billed', {
      withoutText: 'prompts of videos are not read yet',
    }),
    at(
      '/(moderations|files|uploads|models|videos|realtime|audio|vector_stores|fine_tuning|evals|containers)(/.*)?',
      noUsage,
      'free',
    ),
    at(
      '/(assistants|threads|skills|conversations|chatkit|organization|projects|responses|prompts)(/.*)?',
      noUsage,
      'free',
    ),
  ]
}
