import { SseReader } from '../body/sse.ts'
import { countingOf } from '../endpoints.ts'
import { asBuffer } from '../json/bytes.ts'
import { jsonObject } from '../json/text.ts'
import { StreamedText } from './streamed-text.ts'

/**
 * What the events of a stream of this format say, as far as they came: server-sent events, decoded
 * bytes, cut anywhere. Padding (`obfuscation`) and signatures do not count.
 */
export function answerText(
  format: string,
  events: Uint8Array,
): Pick<StreamedText, 'text' | 'calls'> {
  const said = new StreamedText()
  const counting = countingOf(format)
  let data: Buffer[] = []
  const reader = new SseReader({
    data: (bytes, start, end) => data.push(bytes.subarray(start, end)),
    event() {
      const event = jsonObject(Buffer.concat(data).toString())
      data = []
      if (event !== null) counting?.readEvent(event, said)
    },
  })
  reader.write(asBuffer(events))
  reader.end()
  return said
}
