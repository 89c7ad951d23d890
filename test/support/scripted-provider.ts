import type http from 'node:http'
import type { Socket } from 'node:net'
import { serveLoopback } from './loopback-server.ts'

/** One request as the provider received it. */
interface ReceivedRequest {
  readonly method: string
  readonly url: string
  /** As on the wire, names and values alternating. */
  readonly rawHeaders: readonly string[]
  readonly headers: http.IncomingHttpHeaders
  readonly rawTrailers: readonly string[]
  readonly body: Buffer
}

export type Script = (
  request: ReceivedRequest,
  response: http.ServerResponse,
  socket: Socket,
) => void | Promise<void>

export interface ScriptedProvider {
  readonly url: string
  readonly received: ReceivedRequest[]
  /** What the next requests are answered with, until it is changed. */
  answer(script: Script): void
  close(): Promise<void>
}

/**
 * A provider that does what a test asks of it: the one part of the chain that cannot be the real
 * one.
 */
export async function startScriptedProvider(): Promise<ScriptedProvider> {
  const received: ReceivedRequest[] = []
  let script: Script = (_request, response) => void response.end('{}')
  const server = await serveLoopback((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('error', () => response.destroy())
    request.on('end', () => {
      const arrived = {
        method: request.method ?? '',
        url: request.url ?? '',
        rawHeaders: request.rawHeaders,
        headers: request.headers,
        rawTrailers: request.rawTrailers,
        body: Buffer.concat(chunks),
      }
      received.push(arrived)
      Promise.resolve(script(arrived, response, request.socket)).catch(() => response.destroy())
    })
  })
  return {
    ...server,
    received,
    answer(next) {
      script = next
    },
  }
}

/** A chat completion with the given usage, plain. */
export function chatCompletion(
  content: string,
  usage = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 },
): string {
  return JSON.stringify({
    id: 'chatcmpl-1',
    object: 'chat.completion',
    created: 1,
    model: 'gpt-4o-2024-08-06',
    choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }],
    usage,
  })
}
