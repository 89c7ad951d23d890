import { S3Client } from '@aws-sdk/client-s3'

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

export function createS3Client({
  endpoint,
  region,
  accessKeyId,
  secretAccessKey,
  timeoutMs = 30_000,
}: S3Options): S3Client {
  return new S3Client({
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
}

/** What a request that makes an object says of its encryption. */
export function encryptionOf({ kmsKeyId }: S3Options) {
  if (kmsKeyId === undefined) return {}
  return {
    ServerSideEncryption: 'aws:kms' as const,
    ...(kmsKeyId === '' || kmsKeyId === 'aws/s3' ? {} : { SSEKMSKeyId: kmsKeyId }),
  }
}
