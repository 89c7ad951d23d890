import type { CountTokens } from './encoding.ts'

/**
 * Bytes of UTF-8. Hardly anything in any language is longer without a break; a longer run is data,
 * or an attack.
 */
const MAX_RUN_BYTES = 192

// Runs never reach across these kinds. Letters beyond ASCII, marks and digits count as letters.
const WHITE_SPACE = 0
const SYMBOL = 1
const LETTER = 2

/**
 * Counts a text in time that grows with its length. Byte pair encoding merges within one run of
 * letters, symbols or spaces, and takes time that grows with the square of the run; a longer run
 * than any language has is counted in pieces, and each cut changes the count by about one token.
 */
export function countByBoundedRuns(count: CountTokens): CountTokens {
  return (text) => {
    let tokens = 0
    let from = 0
    let runBytes = 0
    let kind = -1
    for (let at = 0; at < text.length; at++) {
      const unit = text.charCodeAt(at)
      const next = kindOf(unit)
      runBytes = (next === kind ? runBytes : 0) + (unit < 0x80 ? 1 : 3)
      kind = next
      // Not between the halves of a surrogate pair.
      if (runBytes < MAX_RUN_BYTES || isFirstHalf(unit)) continue
      tokens += count(text.slice(from, at + 1))
      from = at + 1
      runBytes = 0
    }
    return tokens + count(text.slice(from))
  }
}

function kindOf(unit: number): number {
  if (unit === 0x20 || (unit >= 0x09 && unit <= 0x0d)) return WHITE_SPACE
  if (unit >= 0x80) return isPunctuation(unit) ? SYMBOL : LETTER
  const isDigit = unit >= 0x30 && unit <= 0x39
  const isLetter = (unit >= 0x41 && unit <= 0x5a) || (unit >= 0x61 && unit <= 0x7a)
  return isDigit || isLetter ? LETTER : SYMBOL
}

/**
 * Of Unicode's blocks General Punctuation, CJK Symbols and Punctuation, and the fullwidth forms.
 */
function isPunctuation(unit: number): boolean {
  return (
    (unit >= 0x2000 && unit <= 0x206f) ||
    (unit >= 0x3000 && unit <= 0x303f) ||
    (unit >= 0xff00 && unit <= 0xff0f)
  )
}

function isFirstHalf(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff
}
