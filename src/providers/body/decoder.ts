/** Takes a body as it was on the wire and hands on what it says, in order. */
export interface Decoder {
  write(chunk: Buffer): void
  /**
   * No more bytes come: `done` is called once, at once where nothing is pending. `broken`: it could
   * not be decoded to its end.
   */
  end(done: (broken: boolean) => void): void
  readonly pendingBytes: number
  discard(): void
}

export interface DecoderOptions {
  /** Parts of the body must be readable before it is complete (SSE). */
  readonly incremental: boolean
  readonly onBytes: (bytes: Buffer) => void
}
