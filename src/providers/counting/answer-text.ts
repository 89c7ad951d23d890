import { countingOf } from '../endpoints.ts'
import { jsonObject } from '../json/text.ts'
import { StreamedText } from './streamed-text.ts'

/**
 * What the events of a stream of this format say, as far as they came. Padding (`obfuscation`) and
 * signatures do not count.
 */
export function answerText(format: string, events: string): Pick<StreamedText, 'text' | 'calls'> {
  const said = new StreamedText()
  const counting = countingOf(format)
  for (const line of events.split(/\r\n|\r|\n/)) {
    if (!line.startsWith('data:')) continue
    const event = jsonObject(line.slice('data:'.length))
    if (event !== null) counting?.readEvent(event, said)
  }
  return said
}
