import fs from 'node:fs'
import http from 'node:http'
import https from 'node:https'
import type { Certificate } from '../../support/authority.ts'

interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: string
}

export interface TlsCall {
  readonly path?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: object
  /** Sees each piece of the answer when it comes. */
  readonly onData?: (text: string) => void
}

/**
 * A call as an app makes it that shows its certificate, or none, to the gateway itself; without an
 * authority in plain HTTP.
 */
export function tlsCall(
  port: number,
  authorityFile: string | null,
  certificate: Certificate | null,
  { path = '/v1/chat/completions', headers = {}, body = {}, onData = () => {} }: TlsCall = {},
): Promise<Answer> {
  const text = JSON.stringify(body)
  const authority = authorityFile === null ? {} : { ca: fs.readFileSync(authorityFile) }
  return new Promise((resolve, reject) => {
    const { request: start } = authorityFile === null ? http : https
    const request = start(
      {
        ...{ host: '127.0.0.1', port, method: 'POST', path, agent: false },
        ...{ servername: 'api.openai.com', ...authority },
        ...(certificate === null
          ? {}
          : {
              cert: fs.readFileSync(certificate.certFile),
              key: fs.readFileSync(certificate.keyFile),
            }),
        headers: {
          host: 'api.openai.com',
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
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: received }),
        )
      },
    )
    request.on('error', reject)
    request.end(text)
  })
}
