/** How much of a text a preview shows. */
const PREVIEW_CHARACTERS = 100
/**
 * A character may be made of any number of code points: beyond this many units it is not looked for
 * any more.
 */
export const PREVIEW_UNITS = 4_096

const CHARACTERS = new Intl.Segmenter(undefined, { granularity: 'grapheme' })

/** The first 100 characters of a text, none of them cut in the middle. */
export function previewOf(text: string): string {
  if (text.length <= PREVIEW_CHARACTERS && isPlain(text)) return text
  // Plain text up to the next character: nothing there combines.
  const start = text.slice(0, PREVIEW_CHARACTERS + 1)
  if (isPlain(start)) return start.slice(0, PREVIEW_CHARACTERS)
  const looked = text.slice(0, PREVIEW_UNITS)
  let count = 0
  for (const { index } of CHARACTERS.segment(looked)) {
    if (count === PREVIEW_CHARACTERS) return looked.slice(0, index)
    count++
  }
  return looked.length === text.length ? text : withoutCutCharacter(looked)
}

/**
 * Made of characters of one unit each that never combine with their neighbours: telling that is far
 * cheaper than segmenting.
 */
function isPlain(text: string): boolean {
  return /^[\t\n\x20-\x7e\xa0-\xa8\xaa-\xac\xaf-\u02ff\u0400-\u0482\u3041-\u3096\u30a1-\u30fa\u4e00-\u9fff]*$/.test(
    text,
  )
}

/**
 * Fewer than 100 characters fill the units: the last one may go on beyond them. One that fills them
 * alone is shown as a whole number of code points.
 */
function withoutCutCharacter(looked: string): string {
  let last = 0
  for (const { index } of CHARACTERS.segment(looked)) last = index
  return last > 0 ? looked.slice(0, last) : looked.replace(/[\ud800-\udbff]$/, '')
}
