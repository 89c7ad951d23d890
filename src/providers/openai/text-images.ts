import { namedPaths } from '../json/named-paths.ts'
import { jsonPaths } from '../json/paths.ts'
import { jsonString } from '../json/text.ts'
import { isOneOf } from '../text/prompt-layout.ts'
import type { AnswerAccumulators, AnswerTextParser, TextFormat } from '../text/text-format.ts'
import { reported, strings } from './text-input.ts'

const VALUES = namedPaths({ type: 'type', format: 'output_format' })
const PLACES = [
  { path: 'data[].b64_json', form: 'base64', kind: 'image' },
  { path: 'data[].url', form: 'link', kind: 'image' },
  // Of an event of a stream, which is one image.
  { path: 'b64_json', form: 'base64', kind: 'image' },
] as const
const IMAGE_MEDIA_TYPES: ReadonlyMap<string, string> = new Map([
  ['png', 'image/png'],
  ['jpeg', 'image/jpeg'],
  ['webp', 'image/webp'],
])
/** Events that carry an image as it became; the others carry what it looked like on the way. */
const isFinal = isOneOf('image_generation.completed', 'image_edit.completed')

/** OpenAI images: made from text, or from images and text (a form whose fields are not read). */
export const openaiImagesText: TextFormat = {
  prompt: strings('prompt', { path: 'output_format', mediaTypes: IMAGE_MEDIA_TYPES }),
  answer: {
    paths: jsonPaths(VALUES.list, { texts: PLACES.map(({ path }) => path), groups: [] }),
    createParser,
  },
  reportedRequest: reported('prompt'),
}

/** Of a format as OpenAI names it (JSON text); null for one that is not named, or not known. */
export function imageMediaType(format: string | undefined): string | null {
  return IMAGE_MEDIA_TYPES.get(jsonString(format) ?? '') ?? null
}

function createParser(answer: AnswerAccumulators, streamed: boolean): AnswerTextParser {
  const { attachments } = answer
  let type: string | undefined
  let format: string | undefined
  return {
    value(slot, json) {
      if (slot === VALUES.at.type) type = json
      else format = json
    },
    text(text, piece, last) {
      const place = PLACES[text]
      // Nearly always the type comes first, and spares the reading.
      if (place !== undefined && (type === undefined || isFinal(type)))
        attachments.append(place, piece, last)
    },
    enter() {},
    leave() {},
    document() {
      if (!streamed || isFinal(type)) attachments.settle({ mediaType: imageMediaType(format) })
      else attachments.drop()
      type = undefined
      format = undefined
    },
    accumulated: () => answer,
  }
}
