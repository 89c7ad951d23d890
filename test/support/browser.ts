import type { FastifyInstance } from 'fastify'
import { rawCall } from './raw-http.ts'

interface Sent {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
}

interface Received {
  readonly status: number
  readonly headers: Readonly<Record<string, unknown>>
  readonly setCookies: readonly string[]
  readonly text: string
}

type Send = (request: Sent) => Promise<Received>

/** Straight to the API, without Envoy. */
export function toApi(api: FastifyInstance): Send {
  return async ({ body, ...request }) => {
    const answer = await api.inject({
      ...request,
      ...(body === undefined ? {} : { payload: body }),
    })
    const { 'set-cookie': setCookies = [] } = answer.headers
    return {
      status: answer.statusCode,
      headers: answer.headers,
      setCookies: [setCookies].flat(),
      text: answer.body,
    }
  }
}

/** Through Envoy. */
export function toOrigin(baseUrl: string): Send {
  return async ({ url, ...request }) => {
    const { status, headers, body } = await rawCall(baseUrl + url, request)
    return {
      status,
      headers: Object.fromEntries(headers),
      setCookies: headers.flatMap(([name, value]) => (name === 'set-cookie' ? [value] : [])),
      text: body.toString(),
    }
  }
}

/** Of `/ui/session`, and what errors are. */
export interface SessionBody {
  readonly signedIn: boolean
  readonly why: string | null
  readonly endsAt: string | null
  readonly idleEndsAt: string | null
  readonly methods: { readonly key: boolean; readonly oidc: unknown }
  readonly buildId: string | null
  readonly error?: { readonly code: string; readonly message: string; readonly reason?: string }
}

interface Wish {
  readonly body?: unknown
  /** In place of, or beside, what the page sends. */
  readonly headers?: Readonly<Record<string, string>>
}

interface Answer<Body> extends Received {
  readonly body: Body
}

/**
 * One browser as Flint sees it: it keeps the cookie, and its page sends what the page of Flint
 * sends.
 */
export class Browser {
  readonly #send: Send
  readonly #host: string
  /** `name=value`; null: it has none. */
  cookie: string | null = null

  constructor(send: Send, host = 'localhost:8080') {
    this.#send = send
    this.#host = host
  }

  async ask<Body = SessionBody>(
    method: Sent['method'],
    url: string,
    { body, headers = {} }: Wish = {},
  ): Promise<Answer<Body>> {
    const fromPage = {
      'sec-fetch-site': 'same-origin',
      'content-type': 'application/json',
      'x-flint-ui': '1',
    }
    const received = await this.#send({
      method,
      url,
      headers: {
        host: this.#host,
        ...(this.cookie === null ? {} : { cookie: this.cookie }),
        ...(method === 'GET' ? {} : fromPage),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    for (const text of received.setCookies) {
      const [pair = ''] = text.split(';')
      if (!pair.split('=')[0]?.endsWith('flint_session')) continue
      const expires = /; Expires=([^;]+)/i.exec(text)?.[1]
      const isOver =
        /; Max-Age=0(;|$)/i.test(text) ||
        (expires !== undefined && Date.parse(expires) <= Date.now())
      this.cookie = isOver ? null : pair
    }
    const isJson = String(received.headers['content-type']).startsWith('application/json')
    return { ...received, body: JSON.parse(isJson ? received.text : '{}') as Body }
  }

  signIn(key: string) {
    return this.ask('POST', '/ui/session', { body: { key } })
  }

  state() {
    return this.ask('GET', '/ui/session')
  }

  /** Another browser, into which the cookie was copied. */
  copy(): Browser {
    const copy = new Browser(this.#send, this.#host)
    copy.cookie = this.cookie
    return copy
  }
}
