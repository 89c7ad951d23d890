import { RetainedExchange, type RetentionBudget } from '../counting/retained-exchange.ts'
import { addressOf, endpointOf } from '../endpoints.ts'
import { createSocketReader } from '../socket/socket-reader.ts'
import { AttachmentBudget } from '../text/attachment-budget.ts'
import { withAnswer } from '../text/conversation.ts'
import {
  DEFAULT_MAX_TEXT_BYTES,
  type ExchangeText,
  type TextOptions,
} from '../text/exchange-text.ts'
import { underTerms } from '../usage/billed-sum.ts'
import { type AnswerFacts, NO_ANSWER, PARSER_REVISION } from '../wire-format.ts'
import { AnswerReader, NO_ANSWER_TEXT } from './answer-reader.ts'
import { endpointForReading } from './endpoint-for-reading.ts'
import type { ExchangeReader, ExchangeStart } from './exchange.ts'
import type { ExchangeFacts, TextGap } from './exchange-facts.ts'
import { RequestReader } from './request-reader.ts'

export type {
  Attachment,
  ExchangeText,
  ToolCall,
} from '../text/exchange-text.ts'

import { asBuffer } from '../json/bytes.ts'

export type { AnswerStart, ExchangeReader, ExchangeStart } from './exchange.ts'
export type { ExchangeFacts } from './exchange-facts.ts'

export interface ExchangeReaderOptions extends TextOptions {
  /** Read the text as well, not only what it cost; default false. */
  readonly text?: boolean
  /** Keep what may have to be counted, within this budget; default none. */
  readonly retention?: RetentionBudget | undefined
}

/** The reader for a call whose request headers were seen. */
export function createExchangeReader(
  asSent: ExchangeStart,
  {
    text = false,
    maxTextBytes = DEFAULT_MAX_TEXT_BYTES,
    maxAttachmentBytes = 0,
    retention,
  }: ExchangeReaderOptions = {},
): ExchangeReader {
  const start = {
    ...asSent,
    endpoint: endpointForReading(asSent.provider, asSent.method, asSent.endpoint),
  }
  return (
    createSocketReader(start, { text, maxTextBytes, maxAttachmentBytes }) ??
    createBodyReader(start, { text, maxTextBytes, maxAttachmentBytes, retention })
  )
}

interface BodyReaderOptions extends ExchangeReaderOptions {
  readonly text: boolean
  readonly maxTextBytes: number
  readonly maxAttachmentBytes: number
}

function createBodyReader(
  start: ExchangeStart,
  { text, maxTextBytes, maxAttachmentBytes, retention }: BodyReaderOptions,
): ExchangeReader {
  const { provider, method, endpoint } = start
  const address = addressOf(provider, endpoint, start.query)
  const knowledge = endpointOf(provider, method, endpoint)
  const { format } = knowledge
  const named = format.request?.(endpoint) ?? null
  const textFormat = text ? knowledge.text : null
  const layout = textFormat?.prompt ?? null
  const attachmentBudget = new AttachmentBudget(maxAttachmentBytes)
  const prompt = layout === null ? null : { layout, maxTextBytes, attachmentBudget }
  const retained =
    retention !== undefined && method === 'POST' && format.countable !== undefined
      ? new RetainedExchange(retention)
      : null
  const retainRequest = format.countable === 'both' ? retained : null
  // What the path names need not be looked for in the body.
  const isRequestRead = method === 'POST' && (named === null || prompt !== null)
  const request = isRequestRead
    ? new RequestReader({
        contentType: start.contentType,
        contentEncoding: start.contentEncoding,
        prompt,
        onBytes: (bytes) => retainRequest?.request(bytes),
      })
    : null
  let answer: AnswerReader | null = null
  let requestId: string | null = null
  let isTextKept = text
  // What a file or sound is sent as says nothing of a model or a prompt.
  const mustBeReadable =
    textFormat !== null || knowledge.isBillable(false) || knowledge.isBillable(true)

  /** Why there is no text, or no model: the first reason that holds. */
  const textGap = (): TextGap | null => {
    if (knowledge.known && mustBeReadable && request?.isUnreadable === true)
      return 'request_unreadable'
    if (text && !isTextKept) return 'over_budget'
    return text && !knowledge.known && method === 'POST' ? 'unknown_endpoint' : null
  }

  const textSeen = (): ExchangeText => {
    const { attachments, messages, ...said } = answer?.said() ?? NO_ANSWER_TEXT
    const asked = request?.answerMediaType ?? null
    const answered = attachments.map((attachment) =>
      attachment.mediaType === null && attachment.sha256 !== null
        ? { ...attachment, mediaType: asked }
        : attachment,
    )
    const requested = request?.attachments ?? []
    return {
      prompt: request?.prompt() ?? null,
      ...said,
      attachments: [...requested, ...answered],
      conversation: withAnswer(request?.conversation ?? null, messages, requested.length),
    }
  }

  /** Bodies of a stream whose output was not reported; every other is let go of. */
  const uncounted = (seen: AnswerFacts, model: string | null): ExchangeFacts['uncounted'] => {
    const isMissing =
      answer?.streamed === true &&
      seen.usage.outputTokens === null &&
      (seen.usageSource !== 'none' || format.countable === 'both')
    // Of a body that is no stream at all, whatever its label says, there is nothing to count.
    const isCountable =
      answer !== null && seen.streamError === null && (answer.isRead || answer.unreadable === null)
    const taken = isMissing && isCountable ? retained?.take() : null
    retained?.drop()
    if (taken == null || answer === null) return null
    const request =
      format.countable === 'both' && seen.usage.inputTokens === null ? taken.request : null
    return { format: format.name, model, request, answer: taken.answer, isWhole: answer.isWhole }
  }

  /** `final`: only then is what was not reported handed over to be counted. */
  const facts = (final: boolean, withText: boolean): ExchangeFacts => {
    const requestModel = address.deployment ?? named?.model ?? request?.model ?? null
    const seen = answer?.facts() ?? NO_ANSWER
    const model = seen.model ?? (address.namesModel ? requestModel : null)
    const succeeded = answer?.succeeded === true
    const isBilled = succeeded && knowledge.isBillable(answer?.streamed === true)
    const billable =
      isBilled && !seen.waived && (seen.streamError === null || seen.usageSource !== 'none')
    return {
      model,
      requestModel,
      stream: answer === null ? (named?.stream ?? request?.stream ?? null) : answer.streamed,
      finishReason: seen.finishReason,
      providerRequestId: requestId ?? seen.requestId,
      responseId: format.workId?.(endpoint) ?? seen.responseId,
      serviceTier: seen.serviceTier,
      answerEndBytes: answer?.endBytes ?? null,
      streamError: seen.streamError,
      usage: seen.usage,
      usageSource: seen.usageSource,
      usageRaw: seen.usageRaw,
      turns: null,
      turnUsage: null,
      billed: billable ? underTerms(seen.billed, address.billedTerms) : seen.billed,
      deferred: seen.deferred && succeeded && !isBilled && seen.usageSource === 'provider',
      resultFile: seen.resultFile,
      billable,
      parserVersion: `${format.name}/${PARSER_REVISION}`,
      unreadable: answer?.unreadable ?? null,
      unknownUsage: seen.unknownUsage,
      uncounted: final ? uncounted(seen, model) : null,
      unknownEndpoint: !knowledge.known,
      text: isTextKept && withText ? textSeen() : null,
      textGap: textGap(),
      fault: request?.fault ?? answer?.fault ?? null,
    }
  }

  return {
    requestBody: (chunk) => request?.write(asBuffer(chunk)),
    requestEnd: () => request?.end(),
    responseStart(started) {
      if (answer !== null) return
      const header = provider?.requestIdHeader ?? null
      requestId = header === null ? null : (started.header(header) ?? null)
      const answerText = textFormat?.answer ?? null
      answer = new AnswerReader({
        format,
        start: started,
        endpoint,
        streamed: named?.stream ?? false,
        text: answerText === null ? null : { format: answerText, maxTextBytes, attachmentBudget },
        onStreamBytes: (bytes) => retained?.answer(bytes),
      })
      if (answer.isPlain) retained?.drop()
    },
    responseBody: (chunk) => answer?.write(asBuffer(chunk)),
    responseEnd: () => answer?.end(true),
    get pendingBytes() {
      return (request?.pendingBytes ?? 0) + (answer?.pendingBytes ?? 0)
    },
    get textBytes() {
      return (request?.textBytes ?? 0) + (answer?.textBytes ?? 0)
    },
    get heldBytes() {
      return (
        this.textBytes + this.pendingBytes + attachmentBudget.takenBytes + (retained?.bytes ?? 0)
      )
    },
    soFar: (withText) => facts(false, withText),
    dropText() {
      isTextKept = false
      request?.dropText()
      answer?.dropText()
      retained?.drop()
    },
    finish(done) {
      const answerFinished = () => {
        if (answer === null) done(facts(true, true))
        else answer.finish(() => done(facts(true, true)))
      }
      if (request === null) answerFinished()
      else request.finish(answerFinished)
    },
    discard() {
      request?.discard()
      answer?.discard()
      retained?.drop()
    },
  }
}
