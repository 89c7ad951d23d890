import Big from 'big.js'

const ATTO = new Big('1e18')
const ATTO_PER_PICO = 1_000_000n
const PICO_PER_USD = 1_000_000_000_000n

/**
 * Attodollars as decimal text of dollars: up to 12 places, halves up, no exponent, no trailing
 * zeros.
 */
export function usdText(attodollars: bigint): string {
  const pico = (attodollars + ATTO_PER_PICO / 2n) / ATTO_PER_PICO
  const fraction = (pico % PICO_PER_USD)
    .toString()
    .padStart(12, '0')
    .replace(/0{1,12}$/, '')
  const whole = (pico / PICO_PER_USD).toString()
  return fraction === '' ? whole : `${whole}.${fraction}`
}

/** Dollars in attodollars; what is finer is rounded. */
export function attodollarsOf(usd: number): bigint {
  return BigInt(new Big(usd).times(ATTO).round(0, Big.roundHalfUp).toFixed(0))
}
