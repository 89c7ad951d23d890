import { visibleSegments } from '../../parts/visible-segments.ts'

/** A piece of a text that a browser lays out by itself, whatever the rest of the text is. */
export interface Block {
  readonly start: number
  /** Exclusive. */
  readonly end: number
  /** The text goes on in the same line: the break at the end is the page's. */
  readonly isCut: boolean
}

/** UTF-16 code units. One unbroken megabyte froze Chromium for 80 s, blocks of this size do not. */
export const BLOCK_UNITS = 16 * 1024
/** Each is an element, or the text between two of them. */
export const BLOCK_SEGMENTS = 300
const COUNTED_AT_ONCE = 2048

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })

/**
 * The block of `text` that begins at `start`: up to a line end where there is one in its second
 * half, else up to the border of a character as people see it.
 */
export function nextBlock(text: string, start: number): Block {
  const limit = limitOf(text, start)
  if (limit >= text.length) return { start, end: text.length, isCut: false }
  const lineEnd = text.lastIndexOf('\n', limit - 1) + 1
  if (lineEnd > start + (limit - start) / 2) return { start, end: lineEnd, isCut: false }
  return { start, end: characterBorder(text, start, limit), isCut: true }
}

/** Where a block must end at the latest: by its size, or by how many unseen characters it has. */
function limitOf(text: string, start: number): number {
  const end = start + BLOCK_UNITS
  let segmentsLeft = BLOCK_SEGMENTS
  // Piece by piece, so that a text of nothing else is not read to its end for each short block.
  for (let at = start; at < Math.min(end, text.length); at += COUNTED_AT_ONCE) {
    const segments = visibleSegments(text.slice(at, Math.min(at + COUNTED_AT_ONCE, end)))
    if (segments.length > segmentsLeft)
      return segments.slice(0, segmentsLeft).reduce((sum, { text }) => sum + text.length, at)
    segmentsLeft -= segments.length - 1
  }
  return end
}

/** At most `limit`, and after `start`. */
function characterBorder(text: string, start: number, limit: number): number {
  // What follows decides whether the character before it has ended.
  const around = text.slice(start, limit + 64)
  const index = graphemes.segment(around).containing(limit - start)?.index ?? 0
  if (index > 0) return start + index
  // One character longer than a block: not through a surrogate pair at least.
  const unit = text.charCodeAt(limit)
  const isSecondHalf = unit >= 0xdc00 && unit <= 0xdfff
  return isSecondHalf && limit - start > 1 ? limit - 1 : limit
}
