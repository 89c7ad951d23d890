import { jsonPaths } from '../json/paths.ts'
import { jsonWord } from '../json/text.ts'
import { promptLayout } from '../text/prompt-layout.ts'
import { asText, messageList } from '../text/reported-messages.ts'
import type { AnswerWords, AnswerWordsReading, TextFormat } from '../text/text-format.ts'

const IMAGE = { path: 'predictions[].bytesBase64Encoded', form: 'base64', kind: null } as const

/** Gemini predict, which makes images from words (Imagen). */
export const geminiPredictText: TextFormat = {
  prompt: promptLayout({ places: [{ path: 'instances[].prompt', section: 'messages' }] }),
  answer: { paths: jsonPaths(['predictions[].mimeType'], { texts: [IMAGE.path], groups: ['predictions[]'] }), createReading },
  reportedRequest: (messages) => ({ instances: messageList(messages).map((message) => ({ prompt: asText(message) })) }),
}

function createReading(words: AnswerWords): AnswerWordsReading {
  const { attachments } = words
  let mediaType: string | undefined
  return {
    value(_, json) {
      mediaType = json
    },
    text: (_, piece, last) => attachments.append(IMAGE, piece, last),
    enter() {
      mediaType = undefined
    },
    leave: () => attachments.settle({ mediaType: jsonWord(mediaType) }),
    document() {},
    words: () => words,
  }
}
