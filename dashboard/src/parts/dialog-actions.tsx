import type { ComponentChildren } from 'preact'
import type { ApiError } from '../api/request.ts'
import { Failure } from './notices.tsx'

/** The foot of a dialog: why its last attempt failed, the way out, and the button that does it. */
export function DialogActions({
  error,
  cancel = 'Cancel',
  onCancel,
  children,
}: {
  error?: ApiError | undefined
  cancel?: string
  onCancel: () => void
  children: ComponentChildren
}) {
  return (
    <>
      {error !== undefined && <Failure error={error} />}
      <div class="actions end">
        <button type="button" class="button" onClick={onCancel}>
          {cancel}
        </button>
        {children}
      </div>
    </>
  )
}
