/** A stretch of text. */
export interface Segment {
  readonly text: string
  /** `U+202E`, `U+202E ×3`: what stands there and would not be seen; null: text as it is. */
  readonly unseen: string | null
}

const INTERLINEAR = '\\uFFF9-\\uFFFB'
/**
 * Controls, halves of surrogate pairs, line and paragraph separators, and whatever Unicode says is
 * not drawn: bidi controls, zero-width characters, tags, fillers, variation selectors.
 */
const UNSEEN = `[\\p{Cc}\\p{Cs}\\p{Zl}\\p{Zp}\\p{Default_Ignorable_Code_Point}${INTERLINEAR}]`
const EACH_UNSEEN = new RegExp(UNSEEN, 'gu')
const IS_UNSEEN = new RegExp(UNSEEN, 'u')
const VARIATION_SELECTOR = /[\uFE00-\uFE0F\u{E0100}-\u{E01EF}]/u
const ZERO_WIDTH_JOINER = '\u200D'
const PICTURE_BEFORE = /\p{Extended_Pictographic}(?:\uFE0F|\p{Emoji_Modifier})?$/u
const PICTURE_AFTER = /^\p{Extended_Pictographic}/u

/**
 * Text with what no one would see taken apart from it. Tabs and line ends stay, and what makes one
 * picture or letter: a joiner between two emoji, one variation selector after what it varies. The
 * segments joined are the text.
 */
export function visibleSegments(text: string): Segment[] {
  const segments: Segment[] = []
  let from = 0
  let run = { character: '', times: 0, end: -1 }
  const endRun = () => {
    if (run.times === 0) return
    const { character, times } = run
    const unseen = times === 1 ? codeOf(character) : `${codeOf(character)} ×${times}`
    segments.push({ text: character.repeat(times), unseen })
    run = { character: '', times: 0, end: -1 }
  }
  for (const { 0: character, index } of text.matchAll(EACH_UNSEEN)) {
    if (isLayout(text, character, index) || isPartOfCharacter(text, character, index)) continue
    if (run.end !== index || run.character !== character) endRun()
    if (index > from) segments.push({ text: text.slice(from, index), unseen: null })
    from = index + character.length
    run = { character, times: run.times + 1, end: from }
  }
  endRun()
  if (from < text.length) segments.push({ text: text.slice(from), unseen: null })
  return segments
}

function codeOf(character: string): string {
  const point = character.codePointAt(0) ?? 0
  return `U+${point.toString(16).toUpperCase().padStart(4, '0')}`
}

function isLayout(text: string, character: string, index: number): boolean {
  if (character === '\n' || character === '\t') return true
  return character === '\r' && text[index + 1] === '\n'
}

function isPartOfCharacter(text: string, character: string, index: number): boolean {
  // The longest emoji with its modifier is four code units, the longest code point two.
  if (character === ZERO_WIDTH_JOINER)
    return (
      PICTURE_BEFORE.test(text.slice(Math.max(0, index - 4), index)) &&
      PICTURE_AFTER.test(text.slice(index + 1, index + 3))
    )
  // A row of selectors varies nothing: it hides data.
  return VARIATION_SELECTOR.test(character) && isDrawnBefore(text, index)
}

function isDrawnBefore(text: string, index: number): boolean {
  if (index === 0) return false
  const pair = text.slice(Math.max(0, index - 2), index)
  const character = [...pair].at(-1) ?? ''
  return !IS_UNSEEN.test(character)
}
