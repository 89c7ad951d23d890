import { Icon } from '../../parts/icon.tsx'
import { VisibleText } from '../../parts/visible-text.tsx'
import { faultOf } from './filter-fields.ts'
import { type Filter, type Term, termsOf } from './filter-text.ts'

export interface Problem {
  readonly text: string
  readonly why: string
}

/** What the list is narrowed by, one chip a field; what is not understood says why. */
export function FilterChips({
  filters,
  problems,
  onRemove,
  onDismiss,
}: {
  filters: readonly Filter[]
  problems: readonly Problem[]
  onRemove: (term: Term) => void
  onDismiss: (problem: Problem) => void
}) {
  const terms = termsOf(filters)
  if (terms.length === 0 && problems.length === 0) return null
  return (
    <ul class="chips" aria-label="Filters">
      {terms.map((term) => {
        const { name, isNegated, values } = term
        const why = term.filters
          .map(([of, value]) => faultOf(of, value))
          .find((one) => one !== null)
        return (
          <Chip
            key={`${isNegated}${name}`}
            name={`${name}${isNegated ? ' is not' : ''}`}
            text={values.join(isNegated ? ' nor ' : ' or ')}
            why={why}
            remove={() => onRemove(term)}
          />
        )
      })}
      {problems.map((problem) => (
        <Chip
          key={problem.text}
          name=""
          text={problem.text}
          why={problem.why}
          remove={() => onDismiss(problem)}
        />
      ))}
    </ul>
  )
}

function Chip({
  name,
  text,
  why,
  remove,
}: {
  name: string
  text: string
  /** Why it narrows nothing. */
  why?: string | null
  remove: () => void
}) {
  const isWrong = why != null
  return (
    <li class={`chip${isWrong ? ' bad' : ''}`}>
      {isWrong && (
        <span class="bad">
          <Icon name="circle-alert" />
        </span>
      )}
      <span class="muted">{name}</span>
      <span class="ellipsis">
        <VisibleText text={text} />
      </span>
      {isWrong && <span class="error-text">{why}</span>}
      <button type="button" aria-label={`Remove ${name} ${text}`} onClick={remove}>
        <Icon name="x" />
      </button>
    </li>
  )
}
