import http from 'node:http'

interface Answer {
  readonly status: number
  readonly headers: http.IncomingHttpHeaders
  readonly body: string
}

interface AppCall {
  readonly path?: string
  readonly headers?: Readonly<Record<string, string>>
  /** The whole of it, in place of an empty object. */
  readonly body?: object
  /** Sees each piece of the answer when it comes. */
  readonly onData?: (text: string) => void
}

/** A call as an app makes it: plain HTTP to the provider's own name, by way of its sidecar. */
function call(
  sidecar: string,
  { path = '/v1/chat/completions', headers = {}, body = {}, onData = () => {} }: AppCall = {},
): Promise<Answer> {
  const text = JSON.stringify(body)
  return new Promise((resolve, reject) => {
    const request = http.request(
      {
        ...{ host: sidecar, port: 80, method: 'POST', path, agent: false },
        headers: {
          host: 'api.openai.com',
          authorization: 'Bearer sk-of-the-app',
          'content-type': 'application/json',
          'content-length': String(Buffer.byteLength(text)),
          ...headers,
        },
      },
      (response) => {
        let received = ''
        response.setEncoding('utf8').on('data', (piece: string) => {
          received += piece
          onData(piece)
        })
        response.on('error', reject)
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: received,
          }),
        )
      },
    )
    request.on('error', reject)
    request.end(text)
  })
}

/** Of the app; no file, row or log of Flint may have it. */
export const APP_KEY = 'sk-proj-of-an-app-0123456789abcdefWXYZ'

/** A call whose record is found by what it claims to be. */
export const ask = (sidecar: string, claim: string, { headers, body, ...more }: AppCall = {}) =>
  call(sidecar, {
    ...more,
    headers: { authorization: `Bearer ${APP_KEY}`, 'x-flint-request-id': claim, ...headers },
    body: { model: 'gpt-4o', messages: [{ role: 'user', content: 'hi' }], ...body },
  })
