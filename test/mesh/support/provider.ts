import fs from 'node:fs'
import https from 'node:https'
import type { TLSSocket } from 'node:tls'
import type { Certificate } from '../../support/authority.ts'
import { portOf } from '../../support/loopback-server.ts'
import { chatCompletion } from '../../support/scripted-provider.ts'

interface Received {
  readonly serverName: string | false | null
  readonly path: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: string
}

/** A provider that speaks TLS under its own name. */
export interface TlsProvider {
  readonly port: number
  readonly received: Received[]
  /** Lets the next event of the open stream go out. */
  nextEvent(): void
  close(): Promise<void>
}

export const LAST_EVENT = 3

/** The last one has the usage of the whole. */
function chunk(event: number): object {
  const isLast = event === LAST_EVENT
  return {
    ...{ id: 'chatcmpl-1', object: 'chat.completion.chunk', model: 'gpt-4o-2024-08-06' },
    choices: [{ index: 0, delta: { content: `${event} ` }, finish_reason: isLast ? 'stop' : null }],
    usage: isLast ? { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 } : null,
  }
}

/** Answers `stream: true` with events that wait for the test, anything else with one completion. */
export async function startTlsProvider({ certFile, keyFile }: Certificate): Promise<TlsProvider> {
  const received: Received[] = []
  let send: () => void = () => {}
  const files = { cert: fs.readFileSync(certFile), key: fs.readFileSync(keyFile) }
  const server = https.createServer(files, (request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString()
      received.push({
        serverName: (request.socket as TLSSocket & { servername?: string }).servername ?? null,
        path: request.url ?? '',
        headers: request.headers,
        body,
      })
      if (!body.includes('"stream":true')) {
        response.setHeader('content-type', 'application/json')
        response.setHeader('server', 'the provider')
        response.end(chatCompletion('hello'))
        return
      }
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      let event = 0
      send = () => {
        event += 1
        response.write(`data: ${JSON.stringify(chunk(event))}\n\n`)
        if (event === LAST_EVENT) response.end('data: [DONE]\n\n')
      }
    })
  })
  server.listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  return {
    port: portOf(server),
    received,
    nextEvent: () => send(),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
