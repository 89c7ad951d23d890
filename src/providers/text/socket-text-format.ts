import type { JsonPaths } from '../json/paths.ts'
import type { BoundedText } from './bounded-text.ts'
import type { PromptLayout } from './prompt-layout.ts'
import type { AnswerAccumulators, AnswerTextParser } from './text-format.ts'

/** Reads the text of one response of a socket, among the server's messages. */
export interface SocketTextParser extends AnswerTextParser {
  /** Of the message that `document` has just ended. */
  readonly message: {
    /** The response has ended; what follows belongs to another. */
    readonly isEnd: boolean
    /** The next of what the user said aloud, as the provider transcribed it. */
    readonly heard: BoundedText | undefined
    /** With this what was heard is a message of its own. */
    readonly isHeardWhole: boolean
  }
}

/** Where the text stands in the messages of a socket, both ways. */
export interface SocketTextFormat {
  readonly prompt: PromptLayout
  readonly answer: {
    readonly paths: JsonPaths
    createParser(answer: AnswerAccumulators): SocketTextParser
  }
}
