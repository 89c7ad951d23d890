import { useState } from 'preact/hooks'
import { me } from '../../api/session.ts'
import { Icon } from '../../parts/icon.tsx'
import { Menu } from '../../parts/menu.tsx'
import { whyNot } from '../../parts/role.ts'
import { ToolLabel } from '../../parts/tool-label.tsx'
import {
  ALL_COLUMNS,
  type Column,
  columnNamed,
  columnsParameter,
  DEFAULT_COLUMNS,
  PROMPT_COLUMNS,
} from './columns.ts'

/** Which columns the table has, and in which order; the URL keeps it. */
export function ColumnsMenu({
  columns,
  tags,
  onChange,
}: {
  columns: readonly Column[]
  /** Names of tags that loaded calls carry. */
  tags: readonly string[]
  /** New value of `cols`. */
  onChange: (cols: string | null) => void
}) {
  const ids = columns.map(({ id }) => id)
  const change = (next: readonly string[]) => onChange(columnsParameter(next))
  return (
    <Menu name="Columns" role="dialog" label={<ToolLabel icon="columns-3" text="Columns" />}>
      {() => (
        <div class="body columns-menu">
          <h2>Shown, from left to right</h2>
          <ol>
            {columns.map(({ id, label }, at) => (
              <li key={id}>
                <span class="ellipsis">{label}</span>
                <Move ids={ids} at={at} by={-1} label={`${label} further left`} onMove={change} />
                <Move ids={ids} at={at} by={1} label={`${label} further right`} onMove={change} />
                <button
                  type="button"
                  class="button quiet"
                  aria-label={`Hide ${label}`}
                  disabled={ids.length === 1}
                  onClick={() => change(ids.filter((one) => one !== id))}
                >
                  <Icon name="x" />
                </button>
              </li>
            ))}
          </ol>
          <Others ids={ids} tags={tags} onAdd={(id) => change([...ids, id])} />
          <button type="button" class="button" onClick={() => change(DEFAULT_COLUMNS)}>
            Usual columns
          </button>
        </div>
      )}
    </Menu>
  )
}

function Move({
  ids,
  at,
  by,
  label,
  onMove,
}: {
  ids: readonly string[]
  at: number
  by: -1 | 1
  label: string
  onMove: (ids: readonly string[]) => void
}) {
  const id = ids[at]
  return (
    <button
      type="button"
      class="button quiet"
      aria-label={label}
      disabled={ids[at + by] === undefined}
      onClick={() => id !== undefined && onMove(ids.toSpliced(at, 1).toSpliced(at + by, 0, id))}
    >
      <Icon name={by === -1 ? 'arrow-up' : 'arrow-down'} />
    </button>
  )
}

/** Columns that are not shown: of fields, of tags that were seen, of any other tag. */
function Others({
  ids,
  tags,
  onAdd,
}: {
  ids: readonly string[]
  tags: readonly string[]
  onAdd: (id: string) => void
}) {
  const [wanted, setWanted] = useState('')
  const candidates = [
    ...tags.flatMap((tag) => columnNamed(`tag:${tag}`) ?? []),
    ...ALL_COLUMNS,
  ].filter(({ id, label }) => !ids.includes(id) && holds(`${id} ${label}`, wanted))
  const otherTag = /^tag:(.+)/.exec(wanted)?.[1]
  return (
    <>
      <h2>Add</h2>
      <input
        class="input"
        type="search"
        aria-label="Find a column"
        placeholder="Field, or tag:name"
        value={wanted}
        onInput={(event) => setWanted(event.currentTarget.value)}
      />
      <ul class="others">
        {candidates.map(({ id, label }) => {
          const why = PROMPT_COLUMNS.has(id) ? whyNot(me.value, 'prompts') : null
          return (
            <li key={id}>
              <button
                type="button"
                class="button quiet"
                aria-disabled={why !== null}
                title={why ?? undefined}
                onClick={() => why === null && onAdd(id)}
              >
                {id.startsWith('tag:') ? `Tag ${label}` : label}
              </button>
            </li>
          )
        })}
        {candidates.length === 0 && otherTag !== undefined && (
          <li>
            <button type="button" class="button quiet" onClick={() => onAdd(`tag:${otherTag}`)}>
              Tag {otherTag}
            </button>
          </li>
        )}
      </ul>
    </>
  )
}

const holds = (text: string, wanted: string) =>
  text.toLowerCase().includes(wanted.trim().toLowerCase())
