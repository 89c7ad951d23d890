import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { ERRORS, errorBody, FlintError } from '../errors.ts'
import { StoreError } from '../store/client/store-error.ts'
import { validationMessage } from './validation-message.ts'

/** The part of a pino logger the API uses. */
export interface ApiLogger {
  info(fields: Readonly<Record<string, unknown>>, message: string): void
  error(fields: Readonly<Record<string, unknown>>, message: string): void
}

/** The catalogue's text speaks of forwarding a call; here one only asked. */
const UNAVAILABLE = 'The audit log cannot be read right now. Retry later.'

/**
 * Every failure ends in the catalogue's JSON: unknown routes, malformed requests, a store that is
 * away, our own faults.
 */
export function installErrorAnswers(api: FastifyInstance, logger: ApiLogger | undefined): void {
  // Who gives a client this address as its base URL lands here with every call.
  api.setNotFoundHandler((_request, reply) =>
    answer(
      reply,
      new FlintError(
        'not_found',
        `${ERRORS.not_found.message} Calls to providers go to /v1/proxy/<provider>/<path>, as /v1/proxy/openai/v1/models.`,
      ),
    ),
  )
  api.setErrorHandler((error: unknown, request, reply) => {
    const known = toFlintError(error, request.body)
    if (known.code === 'audit_unavailable')
      logger?.error({ ...view(request), ...faultOf(error) }, 'a request failed')
    return answer(reply, known)
  })
}

/**
 * For Fastify's `frameworkErrors`: requests that fail before any route or hook is chosen, e.g. a
 * URL that does not decode.
 */
export function answerFrameworkError(
  error: FastifyError,
  _request: FastifyRequest,
  reply: FastifyReply,
): void {
  void answer(reply, toFlintError(error))
}

/**
 * For requests that are no HTTP, or whose line and headers are too long: they never become a
 * request of Fastify's.
 */
export function answerClientError(_error: Error, socket: Socket): void {
  if (!socket.writable) return
  const body = JSON.stringify(
    errorBody(
      'invalid_request',
      'The request is malformed, or its line and headers are longer than 16 KiB.',
    ),
  )
  const head = `HTTP/1.1 400 Bad Request\r\ncontent-type: application/json; charset=utf-8\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close`
  socket.end(`${head}\r\n\r\n${body}`)
}

/** For an `Expect` that is not 100-continue (RFC 9110 §10.1.1): Node's own answer has no body. */
export function answerExpectation(_request: IncomingMessage, response: ServerResponse): void {
  const body = JSON.stringify(
    errorBody('invalid_request', 'The Expect header must be 100-continue, or absent.'),
  )
  response
    .writeHead(417, {
      'content-type': 'application/json; charset=utf-8',
      'content-length': Buffer.byteLength(body),
    })
    .end(body)
}

/** What may be logged of a request: never its query, headers or body. */
export function view(request: FastifyRequest): Readonly<Record<string, string>> {
  return {
    requestId: request.id,
    method: request.method,
    route: request.routeOptions?.url ?? 'none',
  }
}

function answer(reply: FastifyReply, { code, message, reason }: FlintError): FastifyReply {
  if (code === 'rate_limited' && !reply.hasHeader('retry-after')) reply.header('retry-after', '1')
  if (code === 'invalid_api_key') reply.header('www-authenticate', 'Bearer')
  return reply
    .code(ERRORS[code].status)
    .type('application/json; charset=utf-8')
    .send(errorBody(code, message, reason))
}

function toFlintError(error: unknown, body?: unknown): FlintError {
  if (error instanceof FlintError) return error
  if (isFastifyError(error)) {
    const [first] = error.validation ?? []
    if (first !== undefined && error.validationContext === 'body' && body === undefined)
      return new FlintError('invalid_request', 'The body cannot be empty.')
    if (first !== undefined)
      return new FlintError('invalid_request', validationMessage(first, error.validationContext))
    // Fastify's own refusals (malformed JSON, wrong content type, too large) carry their status;
    // their text names no data.
    if (
      error.code?.startsWith('FST_ERR_') &&
      error.statusCode !== undefined &&
      error.statusCode < 500
    ) {
      return new FlintError(
        'invalid_request',
        error.code === 'FST_ERR_BAD_URL' ? 'The URL is not valid.' : error.message,
      )
    }
    if (error.statusCode === 400) return new FlintError('invalid_request')
  }
  return new FlintError('audit_unavailable', UNAVAILABLE, { cause: error })
}

/** Name, code and where in our code; not the message, which may quote what a caller sent. */
function faultOf(error: unknown): Readonly<Record<string, unknown>> {
  if (error instanceof StoreError)
    return { error: error.name, storeCode: error.code, statement: error.message }
  if (!(error instanceof Error)) return { error: typeof error }
  const frames = error.stack?.split('\n').filter((line) => line.trimStart().startsWith('at ')) ?? []
  return { error: error.name, at: frames.slice(0, 5).map((line) => line.trim()) }
}

/** A StoreError's code is a number: the engine's, not the framework's. */
function isFastifyError(error: unknown): error is FastifyError {
  return error instanceof Error && !(error instanceof StoreError)
}
