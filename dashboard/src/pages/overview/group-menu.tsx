import type { Facets } from '../../api/answers.ts'
import { get } from '../../api/request.ts'
import { useResource } from '../../api/resource.ts'
import { Menu, MenuItem } from '../../parts/menu.tsx'
import { useQuery } from '../../state/url.ts'
import { apiQuery, byGroup, GROUPS, type Group, groupTitle, type Question } from './question.ts'

/** By what the page groups: a field, or one of the tags that the calls of the range carry. */
export function GroupMenu({ question }: { question: Question }) {
  const { push } = useQuery()
  const label = byGroup(question.group)
  return (
    <Menu
      name="Group by"
      label={
        <span class="ellipsis filter-label">{label.charAt(0).toUpperCase() + label.slice(1)}</span>
      }
    >
      {(close) => (
        <Groups
          question={question}
          onChoose={(group) => {
            push({ group: group === 'model' ? null : group })
            close()
          }}
        />
      )}
    </Menu>
  )
}

function Groups({ question, onChoose }: { question: Question; onChoose: (group: Group) => void }) {
  const asked = apiQuery(question, { field: 'tag' })
  const facets = useResource(`facets ${asked}`, (signal) =>
    get<Facets>('/audit/facets', asked, signal),
  )
  // A value is `name:value`.
  const tags = (facets.data?.values ?? []).flatMap(({ value }): Group[] =>
    value === null ? [] : [`tag:${String(value).split(':', 1)[0]}`],
  )
  const named = Object.keys(GROUPS) as Group[]
  return (
    <>
      {[...new Set([...named, ...tags, question.group])].map((group) => (
        <MenuItem key={group} isChosen={question.group === group} onClick={() => onChoose(group)}>
          {groupTitle(group)}
        </MenuItem>
      ))}
      {facets.error !== undefined && <p class="body small error-text">{facets.error.message}</p>}
    </>
  )
}
