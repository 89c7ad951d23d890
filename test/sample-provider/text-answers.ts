import { namedPaths } from '../json/named-paths.ts'
import { jsonPaths } from '../json/paths.ts'
import type { BoundedText } from '../text/bounded-text.ts'
import { promptLayout } from '../text/prompt-layout.ts'
import { asText, messageList } from '../text/reported-messages.ts'
import type { AnswerAccumulators, AnswerTextParser, TextFormat } from '../text/text-format.ts'

const TEXTS = namedPaths({ whole: 'answer', piece: 'piece' })

export const sampleAnswersText: TextFormat = {
  prompt: promptLayout({ places: [{ path: 'question', section: 'messages' }] }),
  answer: { paths: jsonPaths([], { texts: TEXTS.list, groups: [] }), createParser },
  reportedRequest: (messages) => ({ question: messageList(messages).map(asText).join('\n') }),
}

function createParser(answer: AnswerAccumulators): AnswerTextParser {
  const { completion } = answer
  let said: BoundedText | undefined
  return {
    value() {},
    text(_, piece) {
      said = completion.append(said, piece)
    },
    enter() {},
    leave() {},
    document() {
      completion.add(0, said)
      said = undefined
    },
    accumulated: () => answer,
  }
}
