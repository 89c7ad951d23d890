import { parentPort } from 'node:worker_threads'
import { captureContent } from './captured-content.ts'
import type { CaptureRequest } from './content-capture.ts'

// Runs in a worker thread: a text of 16 MiB takes a second or two.

parentPort?.on('message', ({ call, text, policy, secret }: CaptureRequest) => {
  try {
    // Buffers arrive as plain arrays of bytes.
    const attachments = text.attachments.map(({ data, ...rest }) =>
      data === undefined ? rest : { ...rest, data: Buffer.from(data) },
    )
    parentPort?.postMessage(
      captureContent(call, { ...text, attachments }, policy, Buffer.from(secret)),
    )
  } catch {
    // Nothing of the text may leave with an error.
    parentPort?.postMessage(null)
  }
})
