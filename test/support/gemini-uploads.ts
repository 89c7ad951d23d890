import type { Script } from './scripted-provider.ts'

/**
 * A provider that takes resumable uploads as Gemini does: the first answer names where the bytes
 * go, and the second says that all of them came. Files and documents of a file search store alike.
 */
export const takeUploads =
  (origin: () => string): Script =>
  ({ url, headers, body }, response) => {
    const [path = ''] = url.split('?')
    if (headers['x-goog-upload-command'] === 'start') {
      const address = `${origin()}${path}?upload_id=7&upload_protocol=resumable`
      response
        .writeHead(200, {
          'x-goog-upload-status': 'active',
          'x-goog-upload-url': address,
          'content-type': 'application/json',
        })
        .end('{}')
      return
    }
    const file = {
      name: 'files/1',
      uri: `${origin()}/v1beta/files/1`,
      mimeType: 'text/plain',
      sizeBytes: `${body.length}`,
      state: 'ACTIVE',
    }
    response
      .writeHead(200, { 'x-goog-upload-status': 'final', 'content-type': 'application/json' })
      .end(
        JSON.stringify(
          path.includes('fileSearchStores')
            ? { name: 'fileSearchStores/s/operations/1', done: true }
            : { file },
        ),
      )
  }
