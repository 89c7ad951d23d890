/**
 * Where content objects lie: S3, or files in the data directory. Keys are made by content-key.ts
 * only.
 */
export interface ContentStore {
  /** Resolves once the object is durable. The same key again replaces it. */
  put(key: string, body: Buffer): Promise<void>
  /** Null where there is no such object. Rejects when the store cannot be asked. */
  get(key: string): Promise<Buffer | null>
  /** What is not there counts as deleted. */
  delete(keys: readonly string[]): Promise<void>
  /** Keys that begin with `prefix` (whole parts of the path: it ends in a slash), in order. */
  list(prefix: string): AsyncIterable<string>
  close(): void
}
