import { join } from 'node:path'
import { createFairWorker } from '../fair/fair-worker.ts'
import type { ExchangeText } from '../providers/text/exchange-text.ts'
import type { CapturePolicy } from './capture-policy.ts'
import { type CapturedCall, type CapturedContent, captureContent } from './captured-content.ts'

/** What is sent to the thread: all that the previews, the hash and the document are made of. */
export interface CaptureRequest {
  readonly call: CapturedCall
  readonly text: ExchangeText
  readonly policy: CapturePolicy
  readonly secret: Uint8Array
}

export interface ContentCapture {
  /** Calls back once, at once for short texts; with null where it failed. */
  capture(
    request: CaptureRequest & { readonly secret: Buffer },
    done: (content: CapturedContent | null) => void,
  ): void
  close(): void
}

/**
 * Beyond this many UTF-16 units, redaction, hash and JSON of a text take the event loop longer than
 * others should wait.
 */
const SHORT_TEXT_UNITS = 128 * 1024

export interface ContentCaptureOptions {
  /** Folder of the compiled program; null to do everything in place, as tests do. */
  readonly programDirectory: string | null
  /** A fault while text was prepared in place; its message may quote the text. */
  readonly onFault: (error: unknown) => void
}

/**
 * Prepares text to be kept: short ones in place, long ones in a thread, one at a time, the
 * organisations in turn.
 */
export function createContentCapture({
  programDirectory,
  onFault,
}: ContentCaptureOptions): ContentCapture {
  const worker =
    programDirectory === null
      ? null
      : createFairWorker<CaptureRequest, CapturedContent>({
          program: join(programDirectory, 'src', 'content', 'capture-worker.js'),
          maxWaitingPerOrg: 64,
          patienceMs: 30_000,
          maxHeapMb: 512,
        })

  return {
    capture({ call, text, policy, secret }, done) {
      if (worker !== null && unitsOf(text) > SHORT_TEXT_UNITS) {
        worker.ask(call.org, { call, text, policy, secret }, done)
        return
      }
      let content: CapturedContent | null = null
      try {
        content = captureContent(call, text, policy, secret)
      } catch (error) {
        onFault(error)
      }
      done(content)
    },
    close: () => worker?.close(),
  }
}

function unitsOf({ prompt, completion, toolCalls, conversation }: ExchangeText): number {
  const ofCalls = toolCalls.reduce(
    (sum, { argumentsJson }) => sum + (argumentsJson?.length ?? 0),
    0,
  )
  const ofTexts = (prompt?.full.length ?? 0) + (completion?.full.length ?? 0)
  // A message costs about as much as a line of text.
  return ofTexts + ofCalls + conversation.toolText.length + conversation.messages.length * 64
}
