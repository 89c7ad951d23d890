/** Records that were ingested within five minutes, as they were counted. */
export interface IngestBucket {
  readonly rows: number
  /** When the first and the last of them may have been ingested, inclusive. */
  readonly fromMs: number
  readonly lastMs: number
  /** When the first and the last of them were made, inclusive. */
  readonly createdFromMs: number
  readonly createdToMs: number
}

/** A part of an export that is read by one statement; null is no bound. */
export interface ExportSlice {
  /** Inclusive. */
  readonly fromMs: number | null
  /** Exclusive. */
  readonly toMs: number | null
  /** Inclusive, both: the sorting key of the table begins with the time of creation. */
  readonly createdFromMs: number | null
  readonly createdToMs: number | null
}

/**
 * Buckets, in their order, as slices of about `maxRows`, which meet without gap or overlap. The
 * last slice has no end and no bound of creation: it has what is ingested after the count, of
 * whatever age.
 */
export function exportSlices(
  buckets: readonly IngestBucket[],
  maxRows: number,
): readonly ExportSlice[] {
  const groups: IngestBucket[] = []
  for (const bucket of buckets) {
    const group = groups.at(-1)
    if (group === undefined || group.rows + bucket.rows > maxRows) groups.push(bucket)
    else
      groups[groups.length - 1] = {
        rows: group.rows + bucket.rows,
        fromMs: group.fromMs,
        lastMs: bucket.lastMs,
        createdFromMs: Math.min(group.createdFromMs, bucket.createdFromMs),
        createdToMs: Math.max(group.createdToMs, bucket.createdToMs),
      }
  }
  const slices = groups.map(({ createdFromMs, createdToMs, lastMs }, index) => ({
    fromMs: index === 0 ? null : (groups[index]?.fromMs ?? null),
    toMs: groups[index + 1]?.fromMs ?? lastMs + 1,
    createdFromMs,
    createdToMs,
  }))
  const endMs = slices.at(-1)?.toMs ?? null
  return [...slices, { fromMs: endMs, toMs: null, createdFromMs: null, createdToMs: null }]
}
