import type { CustomFetch } from 'openid-client'

/** Documents, keys and tokens of providers are some kilobytes. */
const MAX_BYTES = 1024 * 1024

/** `fetch` for what an identity provider answers: no more of it is taken into memory than this. */
export function boundedFetch(maxBytes = MAX_BYTES): CustomFetch {
  return async (url, { method, headers, body, redirect, signal }) => {
    const answer = await fetch(url, {
      ...{ method, headers, redirect },
      ...(body === undefined ? {} : { body }),
      ...(signal === undefined ? {} : { signal }),
    })
    const { status, statusText } = answer
    if (answer.body === null) return answer
    const chunks: Uint8Array[] = []
    let bytes = 0
    for await (const chunk of answer.body) {
      bytes += chunk.byteLength
      if (bytes > maxBytes) throw new Error(`the identity provider answers more than ${maxBytes} B`)
      chunks.push(chunk)
    }
    return new Response(Buffer.concat(chunks), { status, statusText, headers: answer.headers })
  }
}
