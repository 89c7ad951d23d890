import type { ContentStore } from '../content/content-store.ts'
import { createDiskContentStore } from '../content/disk-content-store.ts'
import { createS3ContentStore } from '../content/s3-content-store.ts'
import type { Installation } from '../installation.ts'

/** Prompts and completions: in the bucket where one is configured, else in the data directory. */
export function contentStore({ config: { s3 }, paths }: Installation): ContentStore {
  return s3.bucket === undefined
    ? createDiskContentStore(paths.content)
    : createS3ContentStore({ ...s3, bucket: s3.bucket })
}
