import { signal } from '@preact/signals'
import { useState } from 'preact/hooks'
import { useLocation } from 'preact-iso'
import { ApiError, change, get } from '../../api/request.ts'
import { useResource } from '../../api/resource.ts'
import { Icon } from '../../parts/icon.tsx'
import { Menu } from '../../parts/menu.tsx'
import { toast } from '../../parts/toasts.tsx'
import { BUILT_IN_VIEWS, isSameView, type NamedView, type SavedView, viewQuery } from './views.ts'

/** The view that was opened last, as long as the page is there. */
const opened = signal<NamedView | null>(null)

/** Filters and columns under a name: those of Flint, the reader's own, and shared ones. */
export function ViewsMenu({ query }: { query: URLSearchParams }) {
  const { path, route } = useLocation()
  const [asked, setAsked] = useState(0)
  const { data, retry } = useResource(asked === 0 ? null : 'views', (aborted) =>
    get<{ views: readonly SavedView[] }>('/views', {}, aborted),
  )
  const now = viewQuery(query)
  const all = [...BUILT_IN_VIEWS, ...(data?.views ?? [])]
  const matching = all.findLast((view) => isSameView(view.query, now))
  const current = matching ?? opened.value
  const show = (view: NamedView) => {
    opened.value = view
    route(view.query === '' ? path : `${path}?${view.query}`)
  }
  async function save(name: string, shared: boolean) {
    const view = await attempted(change<SavedView>('POST', '/views', { name, query: now, shared }))
    if (view === undefined) return
    opened.value = view
    toast(`Saved as ${name}`)
    retry()
  }
  async function remove({ id, name }: SavedView) {
    await attempted(change('DELETE', `/views/${id}`))
    toast(`${name} deleted`)
    retry()
  }

  return (
    <Menu
      name="Views"
      role="dialog"
      onOpen={() => setAsked(asked + 1)}
      label={
        <>
          <Icon name="bookmark" />
          <span class="wide-only ellipsis" aria-hidden={current === null}>
            {current?.name ?? 'Views'}
          </span>
          {current !== null && matching === undefined && <span class="badge">edited</span>}
        </>
      }
    >
      {(close) => (
        <div class="views-menu">
          <ul>
            {all.map((view) => (
              <li key={view.id} class="view">
                <button
                  type="button"
                  class="button quiet"
                  aria-current={matching === view ? 'true' : undefined}
                  onClick={() => {
                    close()
                    show(view)
                  }}
                >
                  <span class="ellipsis">{view.name}</span>
                  {view.shared && <span class="badge">shared</span>}
                  {matching === view && <Icon name="check" />}
                </button>
                {view.mine && (
                  <button
                    type="button"
                    class="button quiet"
                    aria-label={`Delete ${view.name}`}
                    onClick={() => void remove(view)}
                  >
                    <Icon name="trash-2" />
                  </button>
                )}
              </li>
            ))}
          </ul>
          <hr />
          <SaveForm
            onSave={(name, shared) => {
              close()
              void save(name, shared)
            }}
          />
        </div>
      )}
    </Menu>
  )
}

function SaveForm({ onSave }: { onSave: (name: string, shared: boolean) => void }) {
  const [name, setName] = useState('')
  const [isShared, setShared] = useState(false)
  return (
    <form
      class="body"
      onSubmit={(event) => {
        event.preventDefault()
        if (name.trim() !== '') onSave(name.trim(), isShared)
      }}
    >
      <label class="field">
        <span>Save what is shown as</span>
        <input
          class="input"
          maxLength={64}
          value={name}
          onInput={(event) => setName(event.currentTarget.value)}
        />
      </label>
      <label class="check">
        <input
          type="checkbox"
          checked={isShared}
          onChange={(event) => setShared(event.currentTarget.checked)}
        />
        Share with the organisation
      </label>
      <button type="submit" class="button primary" disabled={name.trim() === ''}>
        Save view
      </button>
    </form>
  )
}

/** What is answered; undefined after a failure, which is said. */
async function attempted<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    toast(error.message)
    return undefined
  }
}
