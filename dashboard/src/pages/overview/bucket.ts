import type { Range } from '../../state/range.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

/** How long a bar is, as the API names it. */
export const BUCKETS = {
  '15m': { label: 'per 15 min', ms: HOUR_MS / 4 },
  '1h': { label: 'per hour', ms: HOUR_MS },
  '1d': { label: 'per day', ms: DAY_MS },
  '1w': { label: 'per week', ms: 7 * DAY_MS },
  '1mo': { label: 'per month', ms: 30 * DAY_MS },
} as const
export type Bucket = keyof typeof BUCKETS

/** Narrower bars than these run into each other. */
const MOST_BARS = 400
/** Of the bar that is chosen where the reader chose none: ranges up to so long. */
const FITS: readonly (readonly [Bucket, number])[] = [
  ['15m', 12 * HOUR_MS],
  ['1h', 4 * DAY_MS],
  ['1d', 92 * DAY_MS],
  ['1w', 400 * DAY_MS],
]

type Ends = Pick<Range, 'fromMs' | 'toMs'>

/** The bars that a range can be shown with. */
export function bucketsFor({ fromMs, toMs }: Ends): readonly Bucket[] {
  return (Object.keys(BUCKETS) as Bucket[]).filter((name) => {
    const bars = (toMs - fromMs) / BUCKETS[name].ms
    return bars <= MOST_BARS && (bars > 1 || name === '15m')
  })
}

/** The bar that a URL asks for, where the range can be shown with it; else one that fits. */
export function bucketOf(asked: string | null, range: Ends): Bucket {
  const fit = FITS.find(([, mostMs]) => range.toMs - range.fromMs <= mostMs)?.[0] ?? '1mo'
  return bucketsFor(range).find((name) => name === asked) ?? fit
}
