import type { JSX } from 'preact'
import { useEffect, useMemo, useState } from 'preact/hooks'
import type { Prompt } from '../../api/answers.ts'
import { count } from '../../state/numbers.ts'
import { type Item, itemsOf, shownOf } from './conversation.ts'
import { inTurn } from './in-turn.ts'
import { type PartContext, PartView } from './part-view.tsx'

/** What is drawn of a long conversation at first: its beginning, and its end with the answer. */
const ENDS = { head: 40, tail: 40 }
const MORE = 100

const ROLES: Readonly<Record<NonNullable<Item['role']>, string>> = {
  system: 'System',
  developer: 'Developer',
  user: 'User',
  assistant: 'Assistant',
  tool: 'Tool',
}

/** All parts in their order, a few at a time. */
export function ConversationView({ prompt, context }: { prompt: Prompt; context: PartContext }) {
  const [items] = useState(() => itemsOf(prompt))
  const [more, setMore] = useState(0)
  const [drawn, setDrawn] = useState(1)
  const { headEnd, tailStart } = shownOf(items.length, more, ENDS)
  const shown = [...range(0, headEnd), ...range(tailStart, items.length)]
  useEffect(() => {
    if (drawn < shown.length) return inTurn(() => setDrawn(drawn + 1))
  }, [drawn, shown.length])

  const hidden = tailStart - headEnd
  // A vnode that is the same again costs nothing, however many there are.
  const views = useMemo(() => new Map<number, JSX.Element>(), [context])
  const view = (at: number) => {
    const known = views.get(at)
    if (known !== undefined) return known
    const isFlat = prompt.messages == null
    const made = <ItemView key={at} items={items} at={at} context={context} isFlat={isFlat} />
    views.set(at, made)
    return made
  }
  const visible = shown.slice(0, drawn)
  return (
    <ol class="conversation" aria-busy={drawn < shown.length}>
      {visible.filter((at) => at < headEnd).map(view)}
      {hidden > 0 && (
        <li key="hidden" class="gap">
          <button type="button" class="button" onClick={() => setMore(more + MORE)}>
            Show {count(Math.min(MORE, hidden))} more
          </button>
          <span class="small muted">{count(hidden)} parts in between are not shown yet</span>
        </li>
      )}
      {visible.filter((at) => at >= tailStart).map(view)}
    </ol>
  )
}

function ItemView({
  items,
  at,
  context,
  isFlat,
}: {
  items: readonly Item[]
  at: number
  context: PartContext
  isFlat: boolean
}): JSX.Element | null {
  const item = items[at]
  if (item === undefined) return null
  const { role, isFirst, part } = item
  const name = role === null ? (isFlat ? 'Prompt' : 'No role named') : ROLES[role]
  return (
    <li class={isFirst ? 'part first' : 'part'} data-role={role}>
      <h2 class={isFirst ? undefined : 'visually-hidden'}>{name}</h2>
      <div>
        <PartView
          part={part}
          fileName={`${context.requestId}-${at + 1}-${role ?? 'prompt'}`}
          context={context}
        />
      </div>
    </li>
  )
}

function range(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from) }, (_, at) => from + at)
}
