import type { MatchLogic, ModelInfo } from '@pydantic/genai-prices'

/**
 * What may follow a model's name without making it another model: its date, its revision, or the
 * channel it comes by.
 */
const SUFFIX =
  /[-@:](\d{4}-\d{2}-\d{2}|\d{8}(-v\d+)?|\d{2}-\d{2}|\d{2}-\d{4}|\d{4}|\d{3}|latest|preview|exp(erimental)?)$/
/** A fine-tuned model has its owner and its own id behind the name of what it was made of. */
const FINE_TUNED = /^(ft:[^:]+):.*$/

/**
 * Whether a row of the price book is the model's own. The book finds rows by how a name begins, or
 * by what is within it: a newer model (`claude-sonnet-5-5`) or another kind
 * (`gemini-3.8-flash-tts`) is then found under a name that it only shares the beginning with, and
 * nothing says that it has the same rates.
 */
export function isOwnRow(model: string, { id, match }: Pick<ModelInfo, 'id' | 'match'>): boolean {
  const name = model.toLowerCase()
  if (isNamed(name, match)) return true
  return [id, ...namesIn(match)].some((known) => stemOf(known.toLowerCase()) === stemOf(name))
}

/** The row lists this very name, or a pattern of the whole of it. */
function isNamed(name: string, match: MatchLogic): boolean {
  if ('equals' in match) return match.equals.toLowerCase() === name
  if ('regex' in match) return isWhole(match.regex) && new RegExp(match.regex, 'i').test(name)
  if ('or' in match) return match.or.some((one) => isNamed(name, one))
  return false
}

function isWhole(regex: string): boolean {
  return regex.startsWith('^') && regex.endsWith('$') && !regex.includes('.*')
}

function namesIn(match: MatchLogic): readonly string[] {
  if ('equals' in match) return [match.equals]
  if ('starts_with' in match) return [match.starts_with]
  if ('contains' in match) return [match.contains]
  if ('ends_with' in match) return [match.ends_with]
  if ('or' in match) return match.or.flatMap(namesIn)
  return 'and' in match ? match.and.flatMap(namesIn) : []
}

function stemOf(name: string): string {
  let stem = name.replace(FINE_TUNED, '$1')
  for (let shorter = stem.replace(SUFFIX, ''); shorter !== stem; shorter = stem.replace(SUFFIX, ''))
    stem = shorter
  return stem.replace(/[-@:]$/, '')
}
