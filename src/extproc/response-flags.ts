/**
 * Short names of the members of `ResponseFlags` by field number, as Envoy's text logs print them.
 *
 * Source: proto/envoy/data/accesslog/v3/accesslog.proto and Envoy's response flag table.
 */
const FLAG_NAMES: Readonly<Record<number, string>> = {
  1: 'LH',
  2: 'UH',
  3: 'UT',
  4: 'LR',
  5: 'UR',
  6: 'UF',
  7: 'UC',
  8: 'UO',
  9: 'NR',
  10: 'DI',
  11: 'FI',
  12: 'RL',
  13: 'UAEX',
  14: 'RLSE',
  15: 'DC',
  16: 'URX',
  17: 'SI',
  18: 'IH',
  19: 'DPE',
  20: 'UMSDR',
  21: 'RFCF',
  22: 'NFCF',
  23: 'DT',
  24: 'UPE',
  25: 'NC',
  26: 'OM',
  27: 'DF',
  28: 'DR',
}

/** @param flags set members of `ResponseFlags`, by field number */
export function flagNames(flags: readonly number[]): string[] {
  return flags.map((field) => FLAG_NAMES[field] ?? `flag${field}`)
}
