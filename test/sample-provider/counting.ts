import { textOf } from '../counting/streamed-text.ts'
import type { TokenCounting } from '../counting/token-counting.ts'

export const sampleCounting: TokenCounting = {
  readEvent(event, into) {
    into.text += textOf(event.piece)
  },
  countInput: (body, count) => (typeof body.question === 'string' ? count(body.question) : null),
}
