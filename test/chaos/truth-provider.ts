import type http from 'node:http'
import { serveLoopback } from '../support/loopback-server.ts'

/** What a call asks of the provider, in the header `x-chaos-plan`. */
export type Plan = 'plain' | 'stream' | 'long stream' | 'cut midway' | 'cut at once'

/** What really happened at the provider: the one account that no kill reaches. */
export interface ProvidersTruth {
  asked: number
  /** True once the last byte was handed to the socket and the caller's side had not gone. */
  answered: boolean
  cut: boolean
  readonly inputTokens: number
  readonly outputTokens: number
  bytes: number
}

export interface TruthProvider {
  readonly url: string
  readonly truth: ReadonlyMap<string, ProvidersTruth>
  /** Breaks off every answer under way; how many there were. */
  cutAll(): number
  close(): Promise<void>
}

const MODEL = 'gpt-4o-2024-08-06'
const EVENTS = { stream: 12, 'long stream': 60, 'cut midway': 12 } as const

/**
 * A provider whose token counts are the call's own: a number that ends in another record, or in
 * none, is seen.
 */
export async function startTruthProvider(): Promise<TruthProvider> {
  const truth = new Map<string, ProvidersTruth>()
  const open = new Map<http.ServerResponse, ProvidersTruth>()
  const server = await serveLoopback((request, response) => {
    const id = String(request.headers['x-chaos-call'])
    const number = Number(id.slice(id.lastIndexOf('-') + 1))
    const known = truth.get(id)
    if (known) known.asked += 1
    const mine = known ?? {
      asked: 1,
      answered: false,
      cut: false,
      inputTokens: 1_000 + number,
      outputTokens: 7 + (number % 90),
      bytes: 0,
    }
    truth.set(id, mine)
    open.set(response, mine)
    response.on('finish', () => {
      mine.answered = true
    })
    response.on('close', () => open.delete(response))
    response.on('error', () => {})
    request.resume()
    request.on('error', () => {})
    request.on(
      'end',
      () =>
        void answer(String(request.headers['x-chaos-plan']) as Plan, mine, response).catch(() =>
          response.destroy(),
        ),
    )
  })
  return {
    ...server,
    truth,
    cutAll() {
      for (const [response, mine] of open) {
        mine.cut = true
        response.destroy()
      }
      return open.size
    },
  }
}

async function answer(
  plan: Plan,
  mine: ProvidersTruth,
  response: http.ServerResponse,
): Promise<void> {
  const usage = {
    prompt_tokens: mine.inputTokens,
    completion_tokens: mine.outputTokens,
    total_tokens: mine.inputTokens + mine.outputTokens,
  }
  const write = (text: string) => {
    mine.bytes += Buffer.byteLength(text)
    response.write(text)
  }
  if (plan === 'cut at once') {
    mine.cut = true
    response.destroy()
    return
  }
  if (plan === 'plain') {
    const body = JSON.stringify({
      id: 'c',
      model: MODEL,
      choices: [{ index: 0, message: { content: 'x' }, finish_reason: 'stop' }],
      usage,
    })
    mine.bytes = body.length
    response
      .writeHead(200, { 'content-type': 'application/json', 'content-length': body.length })
      .end(body)
    return
  }
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  for (let event = 0; event < EVENTS[plan] && !response.destroyed; event++) {
    write(
      `data: ${JSON.stringify({ id: 'c', model: MODEL, choices: [{ index: 0, delta: { content: `piece ${event} ` } }] })}\n\n`,
    )
    await new Promise((resolve) => setTimeout(resolve, 20))
    if (plan === 'cut midway' && event === 6) {
      mine.cut = true
      response.destroy()
      return
    }
  }
  write(`data: ${JSON.stringify({ id: 'c', model: MODEL, choices: [], usage })}\n\n`)
  write('data: [DONE]\n\n')
  response.end()
}
