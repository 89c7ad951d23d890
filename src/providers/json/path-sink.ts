/** How far a document got: `truncated` is well formed so far, `empty` had no value at all. */
export type JsonState = 'complete' | 'empty' | 'truncated' | 'malformed'

export interface JsonPathSink {
  /**
   * JSON text of a wanted value; null where it was over the limit and dropped. JSON `null` is not
   * reported: it says nothing.
   */
  value(slot: number, json: string | null): void
  /** A whole document was read: the root value, or one element of the root array. */
  document(): void
  /**
   * The next piece of a wanted text, decoded; `last` ends it. Of a text that is no JSON string the
   * rest is left out.
   */
  text?(text: number, piece: string, last: boolean): void
  /** An object begins and ends whose path is a group; one that is cut short does not end. */
  enter?(group: number): void
  leave?(group: number): void
}

export interface JsonPathScannerOptions {
  readonly elements?: boolean
  /** Longer values are dropped; default 64 KB. */
  readonly maxValueBytes?: number
}
