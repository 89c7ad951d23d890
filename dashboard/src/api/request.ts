import { isPresent } from '../state/presence.ts'

/** An answer that is no success, or none at all. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  /** 0: no answer came. */
  readonly status: number
  /** `error.code` of the API; `offline` where no answer came. */
  readonly code: string
  readonly reason: string | null
  readonly requestId: string | null

  constructor(
    message: string,
    given: { status: number; code: string; reason?: string | null; requestId?: string | null },
  ) {
    super(message)
    this.status = given.status
    this.code = given.code
    this.reason = given.reason ?? null
    this.requestId = given.requestId ?? null
  }

  /** It may work in a moment: the API or its store is away. */
  get isAway(): boolean {
    // The store answers; what it was asked takes it too long, each time.
    if (this.reason === 'too_wide') return false
    return this.status === 0 || this.status === 502 || this.status === 503 || this.status === 504
  }
}

const onSignedOut = new Set<() => void>()
/** Calls `listener` when an answer says that the session is over. Returns what ends that. */
export function whenSignedOut(listener: () => void): () => void {
  onSignedOut.add(listener)
  return () => onSignedOut.delete(listener)
}

const onAway = new Set<() => void>()
/** Calls `listener` when the API or its store does not answer. Returns what ends that. */
export function whenAway(listener: () => void): () => void {
  onAway.add(listener)
  return () => onAway.delete(listener)
}

export type Query = URLSearchParams | Record<string, string | number | boolean | undefined>

/** `/ui/v1` + path, with the query: of a download, a stream or a link. */
export function apiUrl(path: string, query: Query = {}): string {
  const params =
    query instanceof URLSearchParams
      ? query
      : new URLSearchParams(
          Object.entries(query).flatMap(([name, value]) =>
            value === undefined ? [] : [[name, String(value)]],
          ),
        )
  const text = params.toString()
  return `/ui/v1${path}${text === '' ? '' : `?${text}`}`
}

/**
 * JSON of `GET /ui/v1<path>`. Where nobody used the page for a minute it says that it asks by itself:
 * that keeps no session from becoming idle. @throws ApiError
 */
export function get<T>(path: string, query?: Query, signal?: AbortSignal): Promise<T> {
  return send<T>('GET', apiUrl(path, query), undefined, signal)
}

/** Changes something: `body` as JSON; the answer's JSON, undefined where it has none. @throws ApiError */
export function change<T>(
  method: 'POST' | 'PATCH' | 'DELETE',
  path: string,
  body: object = {},
  query?: Query,
): Promise<T> {
  return send<T>(method, apiUrl(path, query), body)
}

/** As `change`, of a whole path below `/ui`. @throws ApiError */
export async function send<T>(
  method: string,
  url: string,
  body?: object,
  signal?: AbortSignal,
): Promise<T> {
  const response = await answer(method, url, { body, signal })
  const json = parsed(await response.text().catch(noAnswer))
  if (response.ok) return json as T
  throw failureOf(response, json)
}

/** Bytes of `GET /ui/v1<path>`, of the type that the API names. @throws ApiError */
export async function getBlob(path: string, query?: Query): Promise<Blob> {
  const response = await answer('GET', apiUrl(path, query), {})
  if (response.ok) return await response.blob().catch(noAnswer)
  throw failureOf(response, parsed(await response.text().catch(noAnswer)))
}

function failureOf(response: Response, json: unknown): ApiError {
  const error = (json as { error?: { code?: string; message?: string; reason?: string } } | null)
    ?.error
  if (response.status === 401) for (const listener of onSignedOut) listener()
  return told(
    new ApiError(error?.message ?? `The API answered ${response.status}.`, {
      status: response.status,
      code: error?.code ?? 'unreadable_answer',
      reason: error?.reason ?? null,
      requestId: response.headers.get('x-request-id'),
    }),
  )
}

function told(error: ApiError): ApiError {
  if (error.isAway) for (const listener of onAway) listener()
  return error
}

interface Asked {
  readonly body?: object | undefined
  readonly signal?: AbortSignal | undefined
}

function answer(method: string, url: string, { body, signal }: Asked) {
  const headers: Record<string, string> = { accept: 'application/json' }
  if (method === 'GET') {
    if (!isPresent()) headers['x-flint-ui'] = 'poll'
  } else {
    headers['content-type'] = 'application/json'
    headers['x-flint-ui'] = '1'
  }
  return fetch(url, {
    method,
    headers,
    credentials: 'same-origin',
    ...(method === 'GET' ? {} : { body: JSON.stringify(body ?? {}) }),
    ...(signal === undefined ? {} : { signal }),
  }).catch(noAnswer)
}

function noAnswer(cause: unknown): never {
  if (cause instanceof DOMException && cause.name === 'AbortError') throw cause
  throw told(new ApiError('Flint does not answer.', { status: 0, code: 'offline' }))
}

function parsed(text: string): unknown {
  if (text === '') return undefined
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
