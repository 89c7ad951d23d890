import { createHash } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { type Static, Type } from 'typebox'
import { Value } from 'typebox/value'
import { replaceFile } from '../replace-file.ts'
import type { RatesInUse } from './cost.ts'
import { rateText } from './rate.ts'

/** A row of the table `prices`. */
const PriceRowInUseSchema = Type.Object({
  price_version: Type.String(),
  provider: Type.String(),
  model: Type.String(),
  /** JSON: key of the rate → its text. */
  rates: Type.String(),
  terms: Type.Array(Type.String()),
  /** UTC, `YYYY-MM-DD hh:mm:ss.mmm`. */
  used_at: Type.String(),
})
export type PriceRowInUse = Static<typeof PriceRowInUseSchema>

/**
 * Leaves the rates of each price version in a directory when a process first prices by them, for
 * delivery to bring to the store. A book has some hundred rows, so a process writes some hundred
 * small files in its life, one a version.
 */
export function createRatesOutbox(
  directory: string,
  nowMs: () => number = Date.now,
): (rates: RatesInUse) => void {
  const left = new Set<string>()
  return ({ version, provider, model, rates, terms }) => {
    if (left.has(version)) return
    const row: PriceRowInUse = {
      price_version: version,
      provider,
      model,
      rates: JSON.stringify(
        Object.fromEntries([...rates].map(([key, rate]) => [key, rateText(key, rate)])),
      ),
      terms: [...terms],
      used_at: new Date(nowMs()).toISOString().replace('T', ' ').slice(0, 23),
    }
    try {
      fs.mkdirSync(directory, { recursive: true, mode: 0o700 })
      const file = path.join(
        directory,
        `${createHash('sha256').update(version).digest('hex').slice(0, 32)}.json`,
      )
      replaceFile(file, JSON.stringify(row))
      left.add(version)
    } catch {
      // A full disk must not cost the record; the next call of this price tries again.
    }
  }
}

/** What waits for delivery; `taken` removes it once the store has it. */
export function waitingRates(directory: string): {
  readonly rows: readonly PriceRowInUse[]
  taken(): void
} {
  if (!fs.existsSync(directory)) return { rows: [], taken: () => {} }
  const files = fs
    .readdirSync(directory)
    .flatMap((name) => (name.endsWith('.json') ? [path.join(directory, name)] : []))
  const rows = files.flatMap((file) => readRow(file) ?? [])
  return {
    rows,
    taken() {
      for (const file of files) fs.rmSync(file, { force: true })
    },
  }
}

/**
 * Null for a file that is damaged: `taken` removes it, and the process that prices by its version
 * leaves it again after its next start.
 */
function readRow(file: string): PriceRowInUse | null {
  try {
    const row: unknown = JSON.parse(fs.readFileSync(file, 'utf8'))
    return Value.Check(PriceRowInUseSchema, row) ? row : null
  } catch {
    return null
  }
}
