import { signal } from '@preact/signals'
import { Dialog } from '../parts/dialog.tsx'

export const isHelpOpen = signal(false)

const KEYS: readonly (readonly [string, string])[] = [
  ['/', 'Filter, or find any id'],
  ['Ctrl K', 'Every action, page, view and key'],
  ['g o · g a · g c · g e · g s', 'Overview, Audit, Coverage, Activity, Settings'],
  ['j k ↑ ↓', 'Next and previous row'],
  ['Enter · o', 'Open beside the list · as a page'],
  ['Esc', 'Close, back'],
  ['[ ]', 'Newer, older'],
  ['t · u', 'Time range · UTC'],
  ['l', 'Live'],
  ['c · y', 'Copy id · copy link'],
  ['f · v · x', 'Facets · views · export'],
  ['s', 'Select a row'],
  ['p', 'Prompt (asks first)'],
  ['m', 'Switch theme'],
  ['?', 'This list'],
]

export function Help() {
  if (!isHelpOpen.value) return null
  const close = () => {
    isHelpOpen.value = false
  }
  return (
    <Dialog title="Keys" onClose={close}>
      <dl class="pairs">
        {KEYS.map(([keys, does]) => (
          <>
            <dt key={keys}>
              <kbd>{keys}</kbd>
            </dt>
            <dd>{does}</dd>
          </>
        ))}
      </dl>
      <p class="small muted">
        Single keys can be switched off in <a href="/ui/settings/preferences">Preferences</a>. API
        reference: <a href="/docs">/docs</a>.
      </p>
      <div class="actions end">
        <button type="button" class="button" onClick={close}>
          Close
        </button>
      </div>
    </Dialog>
  )
}
