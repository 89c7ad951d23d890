import type { AuditRecord, Evidence } from '../../api/answers.ts'

export interface UsageRow {
  readonly label: string
  /** Calls of a tool where `isFee`. */
  readonly tokens: number | null
  /** Part of the row above it, and in its sum. */
  readonly isPart: boolean
  readonly isFee: boolean
  /** Null: no rate of its own, or not known. */
  readonly usdPerMillion: number | null
  readonly usd: number | null
}

const LABELS: Readonly<Record<string, string>> = {
  input: 'input, fresh',
  cache_read: 'input, cached',
  cache_write: 'cache write',
  cache_write_5m: 'cache write, 5 min',
  cache_write_1h: 'cache write, 1 h',
  cache_audio_read: 'sound, cached',
  cache_image_read: 'images, cached',
  input_audio: 'sound in',
  input_image: 'images in',
  input_video: 'video in',
  output: 'output',
  output_audio: 'sound out',
  output_image: 'images out',
  output_video: 'video out',
  web_searches: 'web searches',
  storage_searches: 'file searches',
  grounded_prompts: 'grounded prompts',
}
/** Input before output, what is read before what is written, fees last. */
const ORDER = Object.keys(LABELS)

/**
 * What is on the bill, one row for each rate; where the price has no parts, the token numbers alone.
 */
export function usageRows(record: AuditRecord, price: Evidence['price'] | undefined): UsageRow[] {
  const components = price?.components ?? null
  if (components === null || components.length === 0) return countedRows(record)
  const rates = price?.rates ?? {}
  const place = (bucket: string) => (ORDER.indexOf(bucket) + ORDER.length) % ORDER.length
  return components
    .toSorted((a, b) => place(a.bucket) - place(b.bucket))
    .flatMap(({ bucket, tokens, usdPerMillion, usd }) => {
      const row = {
        label: LABELS[bucket] ?? bucket.replaceAll('_', ' '),
        ...{ tokens, usdPerMillion, usd },
        isPart: false,
        isFee: `${bucket}_kcount` in rates,
      }
      return bucket === 'output' ? [row, ...reasoningRow(record)] : [row]
    })
}

function countedRows(record: AuditRecord): UsageRow[] {
  const row = (label: string, tokens: number | null, isPart = false): UsageRow => ({
    ...{ label, tokens, isPart },
    ...{ isFee: false, usdPerMillion: null, usd: null },
  })
  const part = (label: string, tokens: number | null) =>
    tokens === null || tokens === 0 ? [] : [row(label, tokens, true)]
  return [
    row('input', record.inputTokens),
    ...part('cached', record.cachedInputTokens),
    ...part('written to the cache', record.cacheWriteTokens),
    ...part('sound', record.audioInputTokens),
    row('output', record.outputTokens),
    ...reasoningRow(record),
    ...part('sound', record.audioOutputTokens),
  ]
}

function reasoningRow({ reasoningTokens }: AuditRecord): UsageRow[] {
  if (reasoningTokens === null) return []
  return [
    {
      ...{ label: 'reasoning', tokens: reasoningTokens, isPart: true, isFee: false },
      ...{ usdPerMillion: null, usd: null },
    },
  ]
}
