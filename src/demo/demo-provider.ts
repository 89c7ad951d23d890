import http from 'node:http'
import { answerFor, type DemoAnswer } from './demo-answers.ts'

export interface DemoProvider {
  /** `http://127.0.0.1:<port>`: the upstream of all three providers. */
  readonly upstream: string
  close(): Promise<void>
}

export interface DemoProviderOptions {
  /** Pause between the events of a stream, so that one can see it stream. */
  readonly eventDelayMs?: number
}

/**
 * Flint's own small provider: the three wire formats, plain and streamed, with made-up answers. It
 * checks no key.
 */
export async function startDemoProvider({
  eventDelayMs = 20,
}: DemoProviderOptions = {}): Promise<DemoProvider> {
  const server = http.createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const answer = answerFor(request.url ?? '', Buffer.concat(chunks).toString('utf8'))
      send(response, answer, eventDelayMs).catch(() => response.destroy())
    })
  })
  server.keepAliveTimeout = 65_000
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const address = server.address()
  if (typeof address !== 'object' || address === null)
    throw new Error('the demo provider has no port')
  return {
    upstream: `http://127.0.0.1:${address.port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function send(
  response: http.ServerResponse,
  answer: DemoAnswer,
  eventDelayMs: number,
): Promise<void> {
  if (answer.events === null) {
    const body = Buffer.from(JSON.stringify(answer.body))
    response.writeHead(answer.status, {
      'content-type': 'application/json',
      'content-length': body.length,
      ...answer.headers,
    })
    response.end(body)
    return
  }
  response.writeHead(200, { 'content-type': 'text/event-stream', ...answer.headers })
  for (const event of answer.events) {
    if (response.destroyed) return
    response.write(event)
    if (eventDelayMs > 0) await new Promise((resolve) => setTimeout(resolve, eventDelayMs))
  }
  response.end()
}
