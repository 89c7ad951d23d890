import { type LoopbackServer, serveLoopback } from '../support/loopback-server.ts'
import { chatCompletion } from '../support/scripted-provider.ts'

/**
 * `x-attack-stream: 1` is answered with a stream that reports no usage, of one run of letters
 * without an end.
 */
export function startAttackedProvider(): Promise<LoopbackServer> {
  const answer = chatCompletion('fine')
  const delta = (content: string) =>
    `data: ${JSON.stringify({ model: 'gpt-4o', choices: [{ index: 0, delta: { content } }] })}\n\n`
  const stream = `${delta('a'.repeat(100_000)).repeat(4)}data: [DONE]\n\n`
  return serveLoopback((request, response) => {
    request.resume().on('error', () => response.destroy())
    request.on('end', () => {
      const isStream = request.headers['x-attack-stream'] !== undefined
      response
        .writeHead(200, { 'content-type': isStream ? 'text/event-stream' : 'application/json' })
        .end(isStream ? stream : answer)
    })
  })
}
