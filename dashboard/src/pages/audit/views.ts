/** A view is a query of this page under a name. */
export interface NamedView {
  readonly name: string
  readonly query: string
}

/** A view that Flint keeps, as `/v1/views` has it. */
export interface SavedView extends NamedView {
  readonly id: string
  readonly shared: boolean
  /** The reader's own. */
  readonly mine: boolean
}

export const BUILT_IN_VIEWS: readonly SavedView[] = [
  builtIn('Errors today', 'failed=true'),
  builtIn('Unpriced', 'costStatus=unpriced'),
  builtIn('Not fully seen', 'outcome=capture_lost&outcome=unknown'),
  builtIn('Slow', 'minLatencyMs=10000'),
  builtIn('Without usage', 'usageSource=none&billable=!false'),
]

function builtIn(name: string, query: string): SavedView {
  return { id: name, name, query, shared: false, mine: false }
}

/** What of a URL is the reader's place and no part of a view. */
const PLACE = ['around', 'call']

/** The page's query as a view keeps it. */
export function viewQuery(query: URLSearchParams): string {
  const kept = new URLSearchParams(query)
  for (const name of PLACE) kept.delete(name)
  return kept.toString()
}

/** Whether two queries show the same, in whatever order they name it. */
export function isSameView(one: string, other: string): boolean {
  const sorted = (text: string) => [...new URLSearchParams(text)].map(String).toSorted().join('\n')
  return sorted(one) === sorted(other)
}
