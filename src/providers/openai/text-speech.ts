import { jsonPaths } from '../json/paths.ts'
import { promptLayout } from '../text/prompt-layout.ts'
import { asText, messageList } from '../text/reported-messages.ts'
import type { AnswerAccumulators, AnswerTextParser, TextFormat } from '../text/text-format.ts'

/**
 * OpenAI's formats of sound; its own name for bare samples. Opus is not here: as which of its media
 * types no one says.
 */
export const SOUND_MEDIA_TYPES: ReadonlyMap<string, string> = new Map([
  ['wav', 'audio/wav'],
  ['mp3', 'audio/mpeg'],
  ['flac', 'audio/flac'],
  ['aac', 'audio/aac'],
  ['pcm', 'audio/pcm'],
  ['pcm16', 'audio/pcm'],
])
const SOUND = { path: 'audio', form: 'base64', kind: 'audio' } as const

/**
 * OpenAI speech: instructions for the voice, then what is spoken. The sound is the body itself, or
 * comes in the events of a stream.
 */
export const openaiSpeechText: TextFormat = {
  prompt: promptLayout({
    places: [
      { path: 'instructions', section: 'system' },
      { path: 'input', section: 'messages' },
      { path: 'input[]', section: 'messages' },
    ],
    answerFormat: { path: 'response_format', mediaTypes: SOUND_MEDIA_TYPES },
  }),
  answer: {
    paths: jsonPaths(['type'], { texts: [SOUND.path], groups: [] }),
    bodyKind: (contentType) => (/^\s*audio\//i.test(contentType) ? 'audio' : null),
    createParser,
  },
  reportedRequest: (messages, system) => ({
    instructions: system,
    input: messageList(messages).map(asText),
  }),
}

function createParser(answer: AnswerAccumulators): AnswerTextParser {
  const { attachments } = answer
  let type: string | undefined
  return {
    value(_, json) {
      type = json
    },
    text: (_, piece, last) => attachments.append(SOUND, piece, last),
    enter() {},
    leave() {},
    document() {
      if (type === '"speech.audio.delta"')
        attachments.join({ kind: 'audio', mediaType: null, order: 0 })
      else attachments.drop()
      type = undefined
    },
    accumulated: () => answer,
  }
}
