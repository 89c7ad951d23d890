import { Readable } from 'node:stream'
import { StoreError, toStoreError } from './store-error.ts'

/** Of ClickHouse 25.11 and later; its value marks a fault in the body, and no row can hold it. */
export const FAULT_TAG_HEADER = 'x-clickhouse-exception-tag'

/** What follows the mark is the server's text, some hundred bytes; of it the code is read. */
const MAX_FAULT_BYTES = 65_536

/**
 * The body of an answer as it comes, until its end or its fault: a statement that fails after its
 * first byte leaves a status of 200, writes the fault into the body and breaks the connection. Then
 * the stream is destroyed with a StoreError, and none of the server's text is in what was read.
 * `tag`: the value of FAULT_TAG_HEADER; `doing` names the statement.
 */
export function answerStream(body: Readable, tag: string, doing: string): Readable {
  return Readable.from(rowsOf(body, tag, doing), { objectMode: false })
}

async function* rowsOf(body: Readable, tag: string, doing: string): AsyncGenerator<Buffer> {
  const mark = Buffer.from(`\r\n__exception__\r\n${tag}\r\n`)
  let held = Buffer.alloc(0)
  let fault: Buffer | null = null
  try {
    for await (const chunk of body) {
      const bytes = Buffer.concat([fault ?? held, chunk])
      if (fault !== null) {
        fault = bytes.subarray(0, MAX_FAULT_BYTES)
        continue
      }
      const at = bytes.indexOf(mark)
      if (at >= 0) {
        fault = bytes.subarray(at + mark.length)
        if (at > 0) yield bytes.subarray(0, at)
        continue
      }
      // The mark may have begun at the end of this chunk.
      const rest = Math.min(bytes.length, mark.length - 1)
      held = bytes.subarray(bytes.length - rest)
      if (rest < bytes.length) yield bytes.subarray(0, bytes.length - rest)
    }
  } catch (error) {
    // After a fault the connection breaks: what broke it is known better.
    if (fault === null) throw toStoreError(error, doing)
  }
  if (fault !== null) throw toFault(fault, doing)
  if (held.length > 0) yield held
}

function toFault(text: Buffer, doing: string): StoreError {
  const code = /Code: (\d{1,6})\./.exec(text.toString('latin1'))?.[1]
  return new StoreError(`ClickHouse broke ${doing} off (code ${code ?? 'unknown'})`, {
    code: code === undefined ? null : Number(code),
    retryable: true,
  })
}
