import { jsonPaths } from '../json-paths.ts'
import { promptLayout } from './prompt-layout.ts'
import { asText, messageList } from './reported-messages.ts'
import type { AnswerWords, AnswerWordsReading, TextFormat } from './text-format.ts'

const SOUND = { path: 'audio', form: 'base64', kind: 'audio' } as const

/** OpenAI speech: instructions for the voice, then what is spoken. The sound is the body itself, or comes in the events of a stream. */
export const openaiSpeechText: TextFormat = {
  prompt: promptLayout({
    places: [
      { path: 'instructions', section: 'system' },
      { path: 'input', section: 'messages' },
      { path: 'input[]', section: 'messages' },
    ],
  }),
  answer: {
    paths: jsonPaths(['type'], { texts: [SOUND.path], groups: [] }),
    bodyKind: (contentType) => (/^\s*audio\//i.test(contentType) ? 'audio' : null),
    createReading,
  },
  reportedRequest: (messages, system) => ({ instructions: system, input: messageList(messages).map(asText) }),
}

function createReading(words: AnswerWords): AnswerWordsReading {
  const { attachments } = words
  let type: string | undefined
  return {
    value(_, json) {
      type = json
    },
    text: (_, piece, last) => attachments.append(SOUND, piece, last),
    enter() {},
    leave() {},
    document() {
      if (type === '"speech.audio.delta"') attachments.join({ kind: 'audio', mediaType: null, order: 0 })
      else attachments.drop()
      type = undefined
    },
    words: () => words,
  }
}
