import {
  DeleteObjectsCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  NoSuchKey,
  PutObjectCommand,
  S3ServiceException,
} from '@aws-sdk/client-s3'
import type { ContentStore } from './content-store.ts'
import { createS3Client, encryptionOf, type S3Options } from './s3-client.ts'

const KEYS_PER_DELETE = 1_000

/** Content as objects of one bucket. */
export function createS3ContentStore(options: S3Options): ContentStore {
  const { bucket: Bucket } = options
  const client = createS3Client(options)
  const encryption = encryptionOf(options)

  return {
    async put(Key, Body) {
      const ContentType = Key.endsWith('.json.gz') ? 'application/gzip' : 'application/octet-stream'
      await client.send(new PutObjectCommand({ Bucket, Key, Body, ContentType, ...encryption }))
    },
    async get(Key) {
      try {
        const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }))
        return Body === undefined ? null : Buffer.from(await Body.transformToByteArray())
      } catch (error) {
        if (
          error instanceof NoSuchKey ||
          (error instanceof S3ServiceException && error.$metadata.httpStatusCode === 404)
        )
          return null
        throw error
      }
    },
    async delete(keys) {
      for (let start = 0; start < keys.length; start += KEYS_PER_DELETE) {
        const Objects = keys.slice(start, start + KEYS_PER_DELETE).map((Key) => ({ Key }))
        const { Errors = [] } = await client.send(
          new DeleteObjectsCommand({ Bucket, Delete: { Objects, Quiet: true } }),
        )
        const [first] = Errors
        if (first)
          throw new Error(
            `S3 did not delete ${Errors.length} of ${Objects.length} objects (${first.Code ?? 'no code'})`,
          )
      }
    },
    async *list(Prefix) {
      let ContinuationToken: string | undefined
      do {
        const page = await client.send(
          new ListObjectsV2Command({
            Bucket,
            Prefix,
            ...(ContinuationToken === undefined ? {} : { ContinuationToken }),
          }),
        )
        for (const { Key } of page.Contents ?? []) if (Key !== undefined) yield Key
        ContinuationToken = page.NextContinuationToken
      } while (ContinuationToken !== undefined)
    },
    close: () => client.destroy(),
  }
}
