const WHOLE = new Intl.NumberFormat('en', { maximumFractionDigits: 0 })
const CENTS = new Intl.NumberFormat('en', { minimumFractionDigits: 2, maximumFractionDigits: 2 })
const SMALL = new Intl.NumberFormat('en', {
  minimumSignificantDigits: 4,
  maximumSignificantDigits: 4,
})

/** Stands for what is not known; never 0. */
export const UNKNOWN = '—'

/** `12,481` */
export function count(value: number | null | undefined): string {
  return value === null || value === undefined ? UNKNOWN : WHOLE.format(value)
}

/** A total: `$1,204.33`, below a dollar `$0.01234`. */
export function dollars(value: number | null | undefined): string {
  if (value === null || value === undefined) return UNKNOWN
  return `$${Math.abs(value) > 0 && Math.abs(value) < 1 ? SMALL.format(value) : CENTS.format(value)}`
}

/** A cell: `0.002560` */
export function cost(value: number | null | undefined): string {
  return value === null || value === undefined ? UNKNOWN : value.toFixed(6)
}

/** `843 ms`, `1,026 ms`, `12.4 s`, `3 min 5 s` */
export function duration(ms: number | null | undefined): string {
  if (ms === null || ms === undefined) return UNKNOWN
  if (ms < 10_000) return `${WHOLE.format(ms)} ms`
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`
  return `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1000)} s`
}

/** `4,120 B`, `12.3 KB`, `1.4 MB` */
export function bytes(value: number | null | undefined): string {
  if (value === null || value === undefined) return UNKNOWN
  if (value < 10_000) return `${WHOLE.format(value)} B`
  if (value < 10_000_000) return `${(value / 1000).toFixed(1)} KB`
  return `${(value / 1_000_000).toFixed(1)} MB`
}

/** Of a whole: `0.8 %`; small shares keep a digit that is not 0, and only nothing is `0 %`. */
export function share(part: number, whole: number): string {
  if (whole === 0) return UNKNOWN
  const percent = (part / whole) * 100
  if (percent === 0 || percent === 100) return `${percent} %`
  if (percent < 0.1) return '< 0.1 %'
  if (percent > 99.9) return '> 99.9 %'
  return `${percent.toFixed(1)} %`
}

/** 0 to 1, rounded down: `99.989 %`; `100 %` only where it is the whole. */
export function coverage(value: number | null): string {
  if (value === null) return UNKNOWN
  if (value === 1) return '100 %'
  return `${(Math.floor(value * 100_000) / 1000).toFixed(3)} %`
}

/** Against an earlier value: `+12 %`, `−4 %`, `new` where there was none. */
export function difference(now: number, before: number): string {
  if (before === 0) return now === 0 ? '0 %' : 'new'
  const percent = Math.round(((now - before) / before) * 100)
  if (percent === 0) return '0 %'
  return percent > 0 ? `+${WHOLE.format(percent)} %` : `−${WHOLE.format(-percent)} %`
}
