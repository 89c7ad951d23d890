import {
  DeleteObjectsCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  NoSuchKey,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3'
import type { ContentStore } from './content-store.ts'

export interface S3Options {
  readonly bucket: string
  /** Of an S3 that is not AWS: its buckets are addressed by path. */
  readonly endpoint?: string | undefined
  readonly region?: string | undefined
  /** Else the usual chain: environment, profile, web identity, instance role. */
  readonly accessKeyId?: string | undefined
  readonly secretAccessKey?: string | undefined
  /** Objects are encrypted with this KMS key (SSE-KMS); `aws/s3` or '' for the account's own. */
  readonly kmsKeyId?: string | undefined
  readonly timeoutMs?: number
}

const KEYS_PER_DELETE = 1_000

/** Content as objects of one bucket. */
export function createS3ContentStore({
  bucket: Bucket,
  endpoint,
  region,
  accessKeyId,
  secretAccessKey,
  kmsKeyId,
  timeoutMs = 30_000,
}: S3Options): ContentStore {
  const client = new S3Client({
    region: region ?? 'us-east-1',
    ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true }),
    ...(accessKeyId === undefined || secretAccessKey === undefined
      ? {}
      : { credentials: { accessKeyId, secretAccessKey } }),
    // Stores that are not AWS refuse checksums they do not know; TLS and our own hash cover the way
    // and the rest.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    // One try more within a call; who waits longer is the spool.
    maxAttempts: 2,
    requestHandler: {
      connectionTimeout: 5_000,
      requestTimeout: timeoutMs,
      throwOnRequestTimeout: true,
    },
  })
  const encryption =
    kmsKeyId === undefined
      ? {}
      : {
          ServerSideEncryption: 'aws:kms' as const,
          ...(kmsKeyId === '' || kmsKeyId === 'aws/s3' ? {} : { SSEKMSKeyId: kmsKeyId }),
        }

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
