import type { FastifyInstance } from 'fastify'

interface Wish {
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

interface Answer<Body> {
  readonly status: number
  readonly headers: Readonly<Record<string, unknown>>
  readonly text: string
  readonly body: Body
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

/**
 * One browser as the API sees it: it keeps the cookie, and its page sends what the page of Flint
 * sends.
 */
export class Browser {
  readonly #api: FastifyInstance
  readonly #host: string
  /** `name=value`; null: it has none. */
  cookie: string | null = null

  constructor(api: FastifyInstance, host = 'localhost:8080') {
    this.#api = api
    this.#host = host
  }

  async ask<Body = SessionBody>(
    method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
    url: string,
    { body, headers = {} }: Wish = {},
  ): Promise<Answer<Body>> {
    const fromPage = {
      'sec-fetch-site': 'same-origin',
      'content-type': 'application/json',
      'x-flint-ui': '1',
    }
    const answer = await this.#api.inject({
      ...{ method, url },
      headers: {
        host: this.#host,
        ...(this.cookie === null ? {} : { cookie: this.cookie }),
        ...(method === 'GET' ? {} : fromPage),
        ...headers,
      },
      ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
    })
    for (const { name, value, expires, maxAge } of answer.cookies) {
      if (!name.endsWith('flint_session')) continue
      const isOver = maxAge === 0 || (expires !== undefined && expires.getTime() <= Date.now())
      this.cookie = isOver ? null : `${name}=${value}`
    }
    const isJson = String(answer.headers['content-type']).startsWith('application/json')
    return {
      status: answer.statusCode,
      headers: answer.headers,
      text: answer.body,
      body: isJson ? answer.json<Body>() : JSON.parse('{}'),
    }
  }

  signIn(key: string) {
    return this.ask('POST', '/ui/session', { body: { key } })
  }

  state() {
    return this.ask('GET', '/ui/session')
  }
}
