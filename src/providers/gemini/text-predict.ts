import { jsonPaths } from '../json/paths.ts'
import { jsonString } from '../json/text.ts'
import { promptLayout } from '../text/prompt-layout.ts'
import { asText, messageList } from '../text/reported-messages.ts'
import type { AnswerAccumulators, AnswerTextParser, TextFormat } from '../text/text-format.ts'

const IMAGE = { path: 'predictions[].bytesBase64Encoded', form: 'base64', kind: null } as const

/** Gemini predict, which makes images from text (Imagen). */
export const geminiPredictText: TextFormat = {
  prompt: promptLayout({ places: [{ path: 'instances[].prompt', section: 'messages' }] }),
  answer: {
    paths: jsonPaths(['predictions[].mimeType'], {
      texts: [IMAGE.path],
      groups: ['predictions[]'],
    }),
    createParser,
  },
  reportedRequest: (messages) => ({
    instances: messageList(messages).map((message) => ({ prompt: asText(message) })),
  }),
}

function createParser(answer: AnswerAccumulators): AnswerTextParser {
  const { attachments } = answer
  let mediaType: string | undefined
  return {
    value(_, json) {
      mediaType = json
    },
    text: (_, piece, last) => attachments.append(IMAGE, piece, last),
    enter() {
      mediaType = undefined
    },
    leave: () => attachments.settle({ mediaType: jsonString(mediaType) }),
    document() {},
    accumulated: () => answer,
  }
}
