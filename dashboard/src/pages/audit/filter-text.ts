import { isOfThePage, rangeEnd, rangeField } from './filter-fields.ts'

/** A parameter of the URL, which is the API's, and one value of it: `['model', '!gpt-4o*']`. */
export type Filter = readonly [parameter: string, value: string]

/** One part of the box: `-model:gpt-4o*,o3`, `latencyMs:>=500`. */
export interface Term {
  readonly name: string
  readonly isNegated: boolean
  /** As the box has them: unquoted, a sign before an end of a range. */
  readonly values: readonly string[]
  /** The filters that it stands for. */
  readonly filters: readonly Filter[]
}

export interface ParsedText {
  readonly filters: readonly Filter[]
  /** What is neither a filter nor can be made one. */
  readonly problems: readonly { readonly text: string; readonly why: string }[]
  /** Text without a field: an id, or what someone wanted to search prompts for. */
  readonly bare: readonly string[]
}

const TOKEN = /(?:[^\s"]|"(?:[^"\\]|\\.)*"?)+/gsu
const PART = /(?:[^,"]|"(?:[^"\\]|\\.)*"?)+/gsu
const QUOTED = /"((?:[^"\\]|\\.)*)"?/gsu
const NAMED = /^(-?)([A-Za-z][\w.]*):(.*)$/su
const COMPARED = /^(>=|<=|>|<)(.*)$/su

/** The filters of a page's URL. */
export function filtersOf(query: URLSearchParams): readonly Filter[] {
  return [...query].filter(([name]) => !isOfThePage(name))
}

/** Filters as terms: values of one field side by side, what is excluded apart from the rest. */
export function termsOf(filters: readonly Filter[]): readonly Term[] {
  const terms = new Map<string, { name: string; isNegated: boolean; parts: [string, Filter][] }>()
  for (const filter of filters) {
    const [parameter, value] = filter
    const end = rangeEnd(parameter)
    const isNegated = end === undefined && value.startsWith('!')
    const name = end?.field.name ?? parameter
    const shown = end === undefined ? value.slice(isNegated ? 1 : 0) : `${end.sign}${value}`
    const id = `${isNegated ? '-' : ''}${name}`
    const term = terms.get(id) ?? { name, isNegated, parts: [] }
    term.parts.push([shown, filter])
    terms.set(id, term)
  }
  return [...terms.values()].map(({ name, isNegated, parts }) => ({
    ...{ name, isNegated },
    values: parts.map(([shown]) => shown),
    filters: parts.map(([, filter]) => filter),
  }))
}

/** What the box shows for filters. */
export function textOf(filters: readonly Filter[]): string {
  return termsOf(filters)
    .map(({ name, isNegated, values }) => `${isNegated ? '-' : ''}${name}:${values.map(quoted)}`)
    .join(' ')
}

/** A value as the box has it. */
export function quoted(value: string): string {
  return value === '' || /[\s,"]/u.test(value) ? `"${value.replace(/["\\]/g, '\\$&')}"` : value
}

function unquoted(text: string): string {
  return text.replace(QUOTED, (_, inner: string) => inner.replace(/\\(.)/gsu, '$1'))
}

/** What someone wrote into the box. */
export function parseText(text: string): ParsedText {
  const filters: Filter[] = []
  const problems: { text: string; why: string }[] = []
  const bare: string[] = []
  for (const [token] of text.matchAll(TOKEN)) {
    const named = NAMED.exec(token)
    if (named === null) {
      bare.push(unquoted(token))
      continue
    }
    const [, minus, name = '', rest = ''] = named
    const read = filtersOfToken(name, minus === '-', rest)
    if (typeof read === 'string') problems.push({ text: token, why: read })
    else filters.push(...read)
  }
  return { filters, problems, bare }
}

function filtersOfToken(
  name: string,
  isNegated: boolean,
  rest: string,
): readonly Filter[] | string {
  if (isOfThePage(name)) return 'belongs to the page, not to the filter'
  const values = [...rest.matchAll(PART)].map(([part]) => unquoted(part))
  if (values.length === 0) return 'has no value'
  const range = rangeField(name)
  if (range === undefined) return values.map((value) => [name, `${isNegated ? '!' : ''}${value}`])
  if (isNegated) return 'is a range, which cannot be excluded'
  const ends = values.map((value) => {
    const [, sign, bound = ''] = COMPARED.exec(value) ?? []
    if (sign === undefined) return null
    return [sign.startsWith('>') ? range.least : range.most, bound.trim()] as const
  })
  const known = ends.filter((end) => end !== null)
  return known.length === ends.length ? known : `needs a sign: ${name}:>=… or ${name}:<=…`
}
