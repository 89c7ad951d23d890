import { AmazonEventDocuments } from '../body/amazon-event-documents.ts'
import { AmazonEventReader } from '../body/amazon-event-stream.ts'
import { SseReader } from '../body/sse.ts'
import { countingOf } from '../endpoints.ts'
import { asBuffer } from '../json/bytes.ts'
import { jsonObject } from '../json/text.ts'
import { StreamedText } from './streamed-text.ts'

/**
 * What the events of a stream of this format say, as far as they came: server-sent events or
 * Amazon's, decoded bytes, cut anywhere. Padding (`obfuscation`) and signatures do not count.
 */
export function answerText(
  format: string,
  events: Uint8Array,
): Pick<StreamedText, 'text' | 'calls'> {
  const said = new StreamedText()
  const counting = countingOf(format)
  let data: Buffer[] = []
  const add = (bytes: Buffer, start: number, end: number) => data.push(bytes.subarray(start, end))
  const eventEnded = () => {
    const event = jsonObject(Buffer.concat(data).toString())
    data = []
    if (event !== null) counting?.readEvent(event, said)
  }
  // A message begins with its length, which is below 16 MiB; no server-sent event begins with 0.
  if (events[0] === 0) {
    const documents = new AmazonEventDocuments({ data: add, documentEnd: eventEnded })
    new AmazonEventReader(documents).write(asBuffer(events))
    return said
  }
  const reader = new SseReader({ data: add, event: eventEnded })
  reader.write(asBuffer(events))
  reader.end()
  return said
}
