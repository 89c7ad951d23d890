import type { JSX } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { visibleSegments } from '../../parts/visible-segments.ts'
import { Segments } from '../../parts/visible-text.tsx'
import { bytes } from '../../state/numbers.ts'
import { BLOCK_UNITS, type Block, nextBlock } from './blocks.ts'
import { inTurn } from './in-turn.ts'

const FIRST_UNITS = 4 * BLOCK_UNITS
const MORE_UNITS = 16 * BLOCK_UNITS
const LARGE_UNITS = 2048
const UNITS_OF_A_LINE = 120
const LINE_HEIGHT = 22

/**
 * Text of a prompt or an answer, of any size, as nothing but text: block by block, as far as it was
 * asked for. Another text, or another way to show it, needs another key.
 */
export function TextView({ text, asSent }: { text: string; asSent: boolean }) {
  const [wanted, setWanted] = useState(FIRST_UNITS)
  const [blocks, setBlocks] = useState<readonly Block[]>(() => [nextBlock(text, 0)])
  // A vnode that is the same again costs nothing, however many there are.
  const drawn = useRef<JSX.Element[]>([])
  for (const block of blocks.slice(drawn.current.length))
    drawn.current.push(<BlockView key={block.start} text={text} block={block} asSent={asSent} />)

  const end = blocks.at(-1)?.end ?? 0
  const isDrawing = end < Math.min(wanted, text.length)
  useEffect(() => {
    if (isDrawing) return inTurn(() => setBlocks([...blocks, nextBlock(text, end)]))
  }, [isDrawing, blocks, text, end])

  const left = text.length - end
  return (
    <>
      <bdi class="text" dir="auto">
        {drawn.current.slice()}
      </bdi>
      {left > 0 && !isDrawing && (
        <p class="actions">
          <button type="button" class="button" onClick={() => setWanted(end + MORE_UNITS)}>
            Show {bytes(Math.min(MORE_UNITS, left))} more
          </button>
          <span class="small muted">{bytes(left)} of this part are not shown yet</span>
        </p>
      )}
    </>
  )
}

function BlockView({ text, block, asSent }: { text: string; block: Block; asSent: boolean }) {
  const piece = text.slice(block.start, block.end)
  const isLarge = piece.length > LARGE_UNITS
  const classes = ['block', isLarge && 'large', block.isCut && 'cut'].filter(Boolean).join(' ')
  return (
    <span
      class={classes}
      style={isLarge ? { containIntrinsicSize: `auto ${heightOf(piece)}px` } : undefined}
    >
      {asSent ? piece : <Segments segments={visibleSegments(piece)} />}
    </span>
  )
}

/** As long as a large block is out of sight the browser does not lay it out: about as high as it is. */
function heightOf(piece: string): number {
  const lines = piece.split('\n').length + piece.length / UNITS_OF_A_LINE
  return Math.round(lines * LINE_HEIGHT)
}
