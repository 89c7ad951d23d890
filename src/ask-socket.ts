import http from 'node:http'

/**
 * Asks what serves HTTP on a Unix socket; null where nothing does, or not within `patienceMs`, or
 * not with 200.
 */
export function askSocket(
  socketPath: string,
  path: string,
  {
    method = 'GET',
    patienceMs = 5_000,
  }: { readonly method?: 'GET' | 'POST'; readonly patienceMs?: number } = {},
): Promise<string | null> {
  return new Promise((resolve) => {
    const request = http.request({ socketPath, path, method, timeout: patienceMs }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk
      })
      response.on('end', () => resolve(response.statusCode === 200 ? text : null))
      response.on('error', () => resolve(null))
    })
    request.on('timeout', () => request.destroy())
    request.on('error', () => resolve(null))
    request.end()
  })
}
