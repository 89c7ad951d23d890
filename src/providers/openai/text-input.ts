import { type AnswerFormat, promptLayout } from '../text/prompt-layout.ts'
import { asText, messageList } from '../text/reported-messages.ts'
import type { TextFormat } from '../text/text-format.ts'
import { openaiChatText } from './text-chat.ts'

/** A string, or a list of them; lists of tokens are no text. */
export function strings(name: string, answerFormat?: AnswerFormat): TextFormat['prompt'] {
  return promptLayout({
    places: [
      { path: name, section: 'messages' },
      { path: `${name}[]`, section: 'messages' },
    ],
    ...(answerFormat === undefined ? {} : { answerFormat }),
  })
}

/** A report of a call that takes strings. */
export function reported(name: string): TextFormat['reportedRequest'] {
  return (messages) => ({ [name]: messageList(messages).map(asText) })
}

/** OpenAI's legacy completions, whose answers are laid out like those of chat. */
export const openaiCompletionsText: TextFormat = {
  prompt: strings('prompt'),
  answer: openaiChatText.answer,
  reportedRequest: reported('prompt'),
}
/** Embeddings: the text that is embedded. */
export const openaiEmbeddingsText: TextFormat = {
  prompt: strings('input'),
  answer: null,
  reportedRequest: reported('input'),
}
