/** A run of text as it is, or one character that would not be seen. */
export type Segment =
  | { readonly text: string }
  | {
      /** `U+202E` */
      readonly code: string
      /** How often it stands there in a row. */
      readonly times: number
    }

const INTERLINEAR = '\\uFFF9-\\uFFFB'
/**
 * Controls, halves of surrogate pairs, line and paragraph separators, and whatever Unicode says is
 * not drawn: bidi controls, zero-width characters, tags, fillers, variation selectors.
 */
const UNSEEN = new RegExp(
  `[\\p{Cc}\\p{Cs}\\p{Zl}\\p{Zp}\\p{Default_Ignorable_Code_Point}${INTERLINEAR}]`,
  'gu',
)
const VARIATION_SELECTOR = /^[\uFE00-\uFE0F\u{E0100}-\u{E01EF}]$/u
const ZERO_WIDTH_JOINER = '\u200D'
const PICTURE_BEFORE = /\p{Extended_Pictographic}(?:\uFE0F|\p{Emoji_Modifier})?$/u
const PICTURE_AFTER = /^\p{Extended_Pictographic}/u

/**
 * Text with what no one would see taken apart from it. Tabs and line ends stay, and what makes one
 * picture or letter: a joiner between two emoji, one variation selector after what it varies. All
 * segments together are the text.
 */
export function visibleSegments(text: string): Segment[] {
  const segments: Segment[] = []
  let from = 0
  for (const { 0: character, index } of text.matchAll(UNSEEN)) {
    if (isLayout(text, character, index) || isPartOfCharacter(text, character, index)) continue
    if (index > from) segments.push({ text: text.slice(from, index) })
    from = index + character.length
    const code = codeOf(character)
    const last = segments.at(-1)
    if (last !== undefined && 'code' in last && last.code === code)
      segments[segments.length - 1] = { code, times: last.times + 1 }
    else segments.push({ code, times: 1 })
  }
  if (from < text.length) segments.push({ text: text.slice(from) })
  return segments
}

/** `U+202E` */
function codeOf(character: string): string {
  const point = character.codePointAt(0) ?? 0
  return `U+${point.toString(16).toUpperCase().padStart(4, '0')}`
}

function isLayout(text: string, character: string, index: number): boolean {
  if (character === '\n' || character === '\t') return true
  return character === '\r' && text[index + 1] === '\n'
}

function isPartOfCharacter(text: string, character: string, index: number): boolean {
  // Two code units are the longest code point, four the longest emoji with its modifier.
  if (character === ZERO_WIDTH_JOINER)
    return (
      PICTURE_BEFORE.test(text.slice(Math.max(0, index - 4), index)) &&
      PICTURE_AFTER.test(text.slice(index + 1, index + 3))
    )
  if (!VARIATION_SELECTOR.test(character)) return false
  // A row of selectors is no variation of anything: it hides data.
  const before = text.codePointAt(startOfCodePoint(text, index - 1))
  return before !== undefined && isDrawn(String.fromCodePoint(before))
}

function startOfCodePoint(text: string, index: number): number {
  const unit = text.charCodeAt(index)
  const isSecondHalf = unit >= 0xdc00 && unit <= 0xdfff
  return isSecondHalf && index > 0 ? index - 1 : index
}

function isDrawn(character: string): boolean {
  UNSEEN.lastIndex = 0
  return !UNSEEN.test(character)
}
