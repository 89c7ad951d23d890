import { useState } from 'preact/hooks'
import { me } from '../../api/session.ts'
import { Icon } from '../../parts/icon.tsx'
import { Menu } from '../../parts/menu.tsx'
import { whyNot } from '../../parts/role.ts'
import { ToolLabel } from '../../parts/tool-label.tsx'
import { ALL_COLUMNS, type Column, columnNamed, PROMPT_COLUMNS } from './columns.ts'
import { columnsParameter, usual } from './columns-in-url.ts'

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
  const change = (next: readonly Column[]) => onChange(columnsParameter(next))
  return (
    <Menu name="Columns" role="dialog" label={<ToolLabel icon="columns-3" text="Columns" />}>
      {() => (
        <div class="body columns-menu">
          <h2>Shown, from left to right</h2>
          <ol>
            {columns.map(({ id, label }, at) => (
              <li key={id}>
                <span class="ellipsis">{label}</span>
                <Move
                  {...{ columns, at }}
                  by={-1}
                  label={`${label} further left`}
                  onMove={change}
                />
                <Move
                  {...{ columns, at }}
                  by={1}
                  label={`${label} further right`}
                  onMove={change}
                />
                <button
                  type="button"
                  class="button quiet"
                  aria-label={`Hide ${label}`}
                  disabled={columns.length === 1}
                  onClick={() => change(columns.filter((one) => one.id !== id))}
                >
                  <Icon name="x" />
                </button>
              </li>
            ))}
          </ol>
          <Others
            ids={columns.map(({ id }) => id)}
            tags={tags}
            onAdd={(id) => change([...columns, ...[columnNamed(id) ?? []].flat()])}
          />
          <button type="button" class="button" onClick={() => change(usual())}>
            Usual columns
          </button>
        </div>
      )}
    </Menu>
  )
}

function Move({
  columns,
  at,
  by,
  label,
  onMove,
}: {
  columns: readonly Column[]
  at: number
  by: -1 | 1
  label: string
  onMove: (columns: readonly Column[]) => void
}) {
  const moved = columns[at]
  return (
    <button
      type="button"
      class="button quiet"
      aria-label={label}
      disabled={columns[at + by] === undefined}
      onClick={() =>
        moved !== undefined && onMove(columns.toSpliced(at, 1).toSpliced(at + by, 0, moved))
      }
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
