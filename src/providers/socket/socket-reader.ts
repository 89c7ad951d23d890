import { socketOf } from '../endpoints.ts'
import { asBuffer } from '../json/bytes.ts'
import type { ExchangeReader, ExchangeStart } from '../reading/exchange.ts'
import type { ExchangeFacts, TextGap } from '../reading/exchange-facts.ts'
import { NO_ANSWER, PARSER_REVISION } from '../wire-format.ts'
import { SocketMessages } from './socket-messages.ts'

const SWITCHING_PROTOCOLS = 101

/**
 * The reader of a websocket, or null where the endpoint is none. Its frames are what the bodies of
 * both directions hold. `text`: it was asked for, and the facts say that it is not read.
 */
export function createSocketReader(
  { provider, method, endpoint, query }: ExchangeStart,
  { text }: { readonly text: boolean },
): ExchangeReader | null {
  const socket = socketOf(provider, method, endpoint)
  if (socket === undefined) return null
  const { format, requestIdHeader } = socket
  const named = new URLSearchParams(query).get('model')
  const reading = format.createParser(named)
  const server = new SocketMessages({
    paths: format.serverPaths,
    onGroup: (group) => reading.serverEntered?.(group),
    onMessage: (values) => {
      reading.fromServer(values)
      endBytes = reading.isOver ? (endBytes ?? serverBytes) : null
    },
  })
  const client = new SocketMessages({
    paths: format.clientPaths,
    onMessage: (values) => reading.fromClient(values),
    isWanted: () => reading.requestModel === null,
  })
  let isSocket = false
  let serverBytes = 0
  let endBytes: number | null = null
  let requestId: string | null = null

  const textGap = (): TextGap | null => {
    if (isSocket && text) return 'websocket'
    return isSocket && client.isUnreadable ? 'request_unreadable' : null
  }

  const facts = (): ExchangeFacts => {
    const { usageRaw, unknownUsage, waived: _, ...seen } = isSocket ? reading.facts() : NO_ANSWER
    return {
      ...seen,
      model: seen.model ?? named,
      requestModel: named ?? reading.requestModel,
      stream: isSocket,
      answerEndBytes: reading.isOver ? endBytes : null,
      providerRequestId: requestId,
      usageRaw,
      turns: isSocket ? reading.turns.count : null,
      turnUsage: isSocket ? reading.turns.usageJson() : null,
      unknownUsage,
      billable: isSocket,
      parserVersion: `${format.name}/${PARSER_REVISION}`,
      unreadable: isSocket && server.isUnreadable ? 'unreadable_body' : null,
      textGap: textGap(),
      fault: server.fault ?? client.fault,
      unknownEndpoint: false,
      uncounted: null,
      deferred: false,
      resultFile: null,
      text: null,
    }
  }

  return {
    requestBody(chunk) {
      if (isSocket) client.write(asBuffer(chunk))
    },
    requestEnd() {},
    responseStart(answer) {
      isSocket = answer.status === SWITCHING_PROTOCOLS
      requestId = answer.header(requestIdHeader) ?? null
    },
    responseBody(chunk) {
      if (!isSocket) return
      serverBytes += chunk.length
      server.write(asBuffer(chunk))
    },
    responseEnd() {},
    get pendingBytes() {
      return server.pendingBytes + client.pendingBytes
    },
    textBytes: 0,
    get heldBytes() {
      return this.pendingBytes
    },
    dropText() {},
    get isClosed() {
      return client.isClosed || server.isClosed
    },
    soFar: () => facts(),
    finish: (done) => client.idle(() => server.idle(() => done(facts()))),
    discard() {
      client.discard()
      server.discard()
    },
  }
}
