import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { createS3Client, encryptionOf, type S3Options } from './s3-client.ts'

interface Upload {
  readonly key: string
  readonly contentType: string
  readonly body: AsyncIterable<Buffer>
}

/** S3 takes 10,000 parts of one object: 320 GB. */
const PART_BYTES = 32 * 1024 * 1024

/**
 * An object of any size, in the memory of one part. It is there whole when this resolves; where
 * this rejects, an object that had the key before is as it was.
 */
export async function uploadToS3(
  options: S3Options,
  { key: Key, contentType: ContentType, body }: Upload,
): Promise<void> {
  const client = createS3Client(options)
  const { bucket: Bucket } = options
  try {
    const { UploadId } = await client.send(
      new CreateMultipartUploadCommand({ Bucket, Key, ContentType, ...encryptionOf(options) }),
    )
    try {
      const Parts: CompletedPart[] = []
      for await (const Body of partsOf(body)) {
        const PartNumber = Parts.length + 1
        const part = { Bucket, Key, UploadId, PartNumber, Body }
        const { ETag } = await client.send(new UploadPartCommand(part))
        Parts.push({ ETag, PartNumber })
      }
      await client.send(
        new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts } }),
      )
    } catch (error) {
      // Parts of an upload that no one ends are kept, and paid for.
      await client.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId })).catch(() => {})
      throw error
    }
  } finally {
    client.destroy()
  }
}

/** All but the last part have to have a certain size; there is one at least. */
async function* partsOf(body: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let waiting: Buffer[] = []
  let bytes = 0
  for await (const chunk of body) {
    waiting.push(chunk)
    bytes += chunk.length
    if (bytes < PART_BYTES) continue
    yield Buffer.concat(waiting)
    waiting = []
    bytes = 0
  }
  if (bytes > 0) yield Buffer.concat(waiting)
}
