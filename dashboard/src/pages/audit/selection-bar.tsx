import { useState } from 'preact/hooks'
import { copyText } from '../../parts/copy.tsx'
import { CompareDialog } from './compare-dialog.tsx'

/** What can be done with the calls that are selected. */
export function SelectionBar({
  selected,
  onClear,
}: {
  selected: ReadonlySet<string>
  onClear: () => void
}) {
  const [isComparing, setComparing] = useState(false)
  if (selected.size === 0) return null
  return (
    <div class="selection-bar" role="status">
      <span>{selected.size} selected</span>
      <button
        type="button"
        class="button"
        onClick={() => void copyText([...selected].join('\n'), selected.size === 1 ? 'id' : 'ids')}
      >
        Copy ids
      </button>
      <button
        type="button"
        class="button"
        aria-disabled={selected.size !== 2}
        title={selected.size === 2 ? undefined : 'Select two calls to compare them'}
        onClick={() => selected.size === 2 && setComparing(true)}
      >
        Compare
      </button>
      <button type="button" class="button quiet" onClick={onClear}>
        Clear
      </button>
      {isComparing && <CompareDialog ids={[...selected]} onClose={() => setComparing(false)} />}
    </div>
  )
}
