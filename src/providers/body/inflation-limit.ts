/** Any body may grow to this, however small it was sent. */
const FREE_BYTES = 4 * 1024 * 1024
/**
 * JSON and event streams compress to a tenth or a twentieth, padded ones to a hundredth; bombs to a
 * thousandth and beyond.
 */
const MAX_RATIO = 256

/**
 * Whether so much may come out of a compressed body. A body must not cost its reader more than its
 * size: a hundred bytes of brotli hold gigabytes.
 */
export function isWithinInflationLimit(compressedBytes: number, inflatedBytes: number): boolean {
  return inflatedBytes <= FREE_BYTES + compressedBytes * MAX_RATIO
}
