import { useState } from 'preact/hooks'
import { useLocation } from 'preact-iso'
import type { Found } from '../api/answers.ts'
import { ApiError, get } from '../api/request.ts'
import { toast } from '../parts/toasts.tsx'

/** Any id of a call leads to it: ours, the provider's, a response's, a trace's, the caller's. */
export function FindId() {
  const { route } = useLocation()
  const [id, setId] = useState('')
  async function find() {
    const wanted = id.trim()
    if (wanted === '') return
    try {
      const { requestIds } = await get<Found>('/audit/find', { id: wanted })
      const [only] = requestIds
      if (only === undefined) toast(`No call has the id ${wanted}.`)
      else if (requestIds.length === 1) route(`/ui/audit/${only}`)
      else route(`/ui/audit?last=90d&traceId=${encodeURIComponent(wanted)}`)
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      toast(error.message)
    }
  }
  return (
    // biome-ignore lint/a11y/useSemanticElements: not all browsers know `search` yet.
    <form
      role="search"
      onSubmit={(event) => {
        event.preventDefault()
        void find()
      }}
    >
      <input
        class="input find-id"
        type="search"
        aria-label="Find any id"
        placeholder="Find any id   /"
        data-find
        value={id}
        onInput={(event) => setId(event.currentTarget.value)}
      />
    </form>
  )
}
