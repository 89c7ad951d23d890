import { geminiPredictText } from '../gemini/text-predict.ts'
import { promptLayout } from '../text/prompt-layout.ts'
import type { TextFormat } from '../text/text-format.ts'

/** Predict makes images of a prompt, or embeds content. */
export const vertexPredictText: TextFormat = {
  ...geminiPredictText,
  prompt: promptLayout({
    places: ['instances[].prompt', 'instances[].content'].map((path) => ({
      path,
      section: 'messages',
    })),
  }),
}
