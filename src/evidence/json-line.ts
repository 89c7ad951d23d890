/**
 * A row as one line of JSONEachRow. Half of a surrogate pair, which a caller's or a provider's JSON
 * may hold (RFC 8259 §8.2), becomes U+FFFD: ClickHouse refuses the whole row over its escape.
 */
export function jsonLine(row: object): string {
  const json = JSON.stringify(row)
  return `${json.includes('\\ud') ? json.replace(HALF_PAIR, wellFormed) : json}\n`
}

/**
 * `JSON.stringify` escapes halves of pairs only (ECMA-262 §25.5.2.3); an escaped backslash is
 * passed over as a whole.
 */
const HALF_PAIR = /\\(?:\\|ud[89a-f][0-9a-f]{2})/g

function wellFormed(written: string): string {
  return written === '\\\\' ? written : '\ufffd'
}
