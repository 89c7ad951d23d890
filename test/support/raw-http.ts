import http from 'node:http'
import net from 'node:net'

export interface RawAnswer {
  readonly status: number
  /** Names lower-cased, in the order of the wire; a repeated name repeats. */
  readonly headers: ReadonlyArray<readonly [name: string, value: string]>
  header(name: string): string | undefined
  readonly body: Buffer
  /** False when the connection broke before the answer's end. */
  readonly complete: boolean
  /** When each piece of the body arrived, milliseconds since the request was sent. */
  readonly pieces: ReadonlyArray<{ readonly atMs: number; readonly bytes: Buffer }>
}

export interface RawRequest {
  readonly method?: string
  readonly headers?: http.OutgoingHttpHeaders | readonly string[]
  readonly body?: Buffer | string
  readonly agent?: http.Agent | false
  readonly onPiece?: (bytes: Buffer) => void
  readonly signal?: AbortSignal
}

/**
 * One HTTP/1.1 call with nothing done to it: no decoding, no retries, no added headers but Host and
 * the framing.
 */
export function rawCall(
  url: string,
  { method = 'POST', headers = {}, body = '', agent = false, onPiece, signal }: RawRequest = {},
): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const sentAt = performance.now()
    const request = http.request(
      url,
      { method, headers, agent, ...(signal ? { signal } : {}) },
      (response) => {
        const pieces: Array<{ atMs: number; bytes: Buffer }> = []
        response.on('data', (bytes: Buffer) => {
          pieces.push({ atMs: performance.now() - sentAt, bytes })
          onPiece?.(bytes)
        })
        const finish = () => {
          const list: Array<readonly [string, string]> = []
          for (let i = 0; i < response.rawHeaders.length; i += 2)
            list.push([
              (response.rawHeaders[i] ?? '').toLowerCase(),
              response.rawHeaders[i + 1] ?? '',
            ])
          resolve({
            status: response.statusCode ?? 0,
            headers: list,
            header: (name) => list.find(([candidate]) => candidate === name)?.[1],
            body: Buffer.concat(pieces.map(({ bytes }) => bytes)),
            complete: response.complete,
            pieces,
          })
        }
        response.on('end', finish)
        response.on('error', finish)
      },
    )
    request.on('error', reject)
    request.end(body)
  })
}

/**
 * Sends bytes as they are, for what no HTTP client would send, and reads to the answer's end: its
 * length, or the close of the other side (which Envoy delays by a second after bytes it cannot
 * read).
 */
export function rawBytes(
  url: string,
  bytes: string,
): Promise<{ readonly status: number; readonly head: string; readonly body: string }> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve, reject) => {
    const socket = net.connect(Number(port), hostname, () => socket.write(bytes))
    let text = ''
    socket.setEncoding('latin1').on('data', (chunk) => {
      text += chunk
      const headEnd = text.indexOf('\r\n\r\n')
      const length = /^content-length: (\d+)\r$/im.exec(text.slice(0, headEnd + 1))?.[1]
      if (length !== undefined && text.length >= headEnd + 4 + Number(length)) socket.destroy()
    })
    socket.once('error', reject)
    socket.once('close', () => {
      const [head = '', body = ''] = text.split('\r\n\r\n')
      resolve({ status: Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1] ?? 0), head, body })
    })
  })
}
