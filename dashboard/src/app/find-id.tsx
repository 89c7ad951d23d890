import { useState } from 'preact/hooks'
import { useLocation } from 'preact-iso'
import { placeOfId } from '../api/find-call.ts'
import { ApiError } from '../api/request.ts'
import { toast } from '../parts/toasts.tsx'

/** Any id of a call leads to it: ours, the provider's, a response's, a trace's, the caller's. */
export function FindId() {
  const { route } = useLocation()
  const [id, setId] = useState('')
  async function find() {
    const wanted = id.trim()
    if (wanted === '') return
    try {
      const place = await placeOfId(wanted)
      if (place === null) toast(`No call has the id ${wanted}.`)
      else route(place)
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
