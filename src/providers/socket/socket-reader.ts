import { addressOf, socketOf } from '../endpoints.ts'
import { asBuffer } from '../json/bytes.ts'
import type { ExchangeReader, ExchangeStart } from '../reading/exchange.ts'
import type { ExchangeFacts, TextGap } from '../reading/exchange-facts.ts'
import { AttachmentBudget } from '../text/attachment-budget.ts'
import type { ExchangeText } from '../text/exchange-text.ts'
import { underTerms } from '../usage/billed-sum.ts'
import { NO_ANSWER, PARSER_REVISION } from '../wire-format.ts'
import { SocketMessages } from './socket-messages.ts'
import { SocketText } from './socket-text.ts'

const SWITCHING_PROTOCOLS = 101

export interface SocketReaderOptions {
  /** Read the text as well. */
  readonly text: boolean
  readonly maxTextBytes: number
  readonly maxAttachmentBytes: number
}

/**
 * The reader of a websocket, or null where the endpoint is none. Its frames are what the bodies of
 * both directions hold.
 */
export function createSocketReader(
  { provider, method, endpoint, query }: ExchangeStart,
  { text: isAsked, maxTextBytes, maxAttachmentBytes }: SocketReaderOptions,
): ExchangeReader | null {
  const socket = socketOf(provider, method, endpoint)
  if (socket === undefined) return null
  const { format, requestIdHeader } = socket
  const address = addressOf(provider, endpoint, query)
  const asked = address.deployment ?? new URLSearchParams(query).get('model')
  const named = address.namesModel ? asked : null
  const reading = format.createParser(named)
  const attachmentBudget = new AttachmentBudget(maxAttachmentBytes)
  let text = isAsked
    ? new SocketText({ format: format.text, maxTextBytes, attachmentBudget })
    : null
  const server = new SocketMessages({
    paths: format.serverPaths,
    onGroup: (group) => reading.serverEntered?.(group),
    onMessage: (values) => {
      reading.fromServer(values)
      endBytes = reading.isOver ? (endBytes ?? serverBytes) : null
    },
    text: text?.server ?? null,
  })
  const client = new SocketMessages({
    paths: format.clientPaths,
    onMessage: (values) => reading.fromClient(values),
    isWanted: () => asked === null && reading.requestModel === null,
    text: text?.client ?? null,
  })
  let isSocket = false
  let serverBytes = 0
  let endBytes: number | null = null
  let requestId: string | null = null

  const textSeen = (): ExchangeText | null => {
    if (!isSocket || text === null) return null
    const isAtEnd = client.isClosed || server.isClosed || reading.isOver
    return text.result(isAtEnd && client.isWhole, reading.isOver && server.isWhole)
  }

  const textGap = (): TextGap | null => {
    if (!isSocket) return null
    if (isAsked && text === null) return 'over_budget'
    const isEmpty = text === null || text.isEmpty
    if (client.isUnreadable && isEmpty) return 'request_unreadable'
    const isPart = reading.hasMedia || client.isUnreadable || server.isUnreadable
    if (text === null || !isPart) return null
    return isEmpty ? 'websocket' : 'websocket_partial'
  }

  const facts = (withText: boolean): ExchangeFacts => {
    const { usageRaw, unknownUsage, waived: _, ...seen } = isSocket ? reading.facts() : NO_ANSWER
    return {
      ...seen,
      billed: isSocket ? underTerms(seen.billed, address.billedTerms) : seen.billed,
      model: seen.model ?? named,
      requestModel: asked ?? reading.requestModel,
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
      text: withText ? textSeen() : null,
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
    get textBytes() {
      return text?.bytes ?? 0
    },
    get heldBytes() {
      return this.pendingBytes + this.textBytes + attachmentBudget.takenBytes
    },
    dropText() {
      text = null
      client.dropText()
      server.dropText()
    },
    get isClosed() {
      return client.isClosed || server.isClosed
    },
    soFar: (withText) => facts(withText),
    finish(done) {
      const finished = () => {
        text?.ended()
        done(facts(true))
      }
      client.idle(() => server.idle(finished))
    },
    discard() {
      client.discard()
      server.discard()
    },
  }
}
