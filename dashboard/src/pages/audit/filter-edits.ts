import type { Filter, Term } from './filter-text.ts'

const isOf = (name: string, filter: Filter) => filter[0] === name

/** Values of one field that are wanted; a facet with none filters nothing. */
export function wantedOf(filters: readonly Filter[], name: string): readonly string[] {
  return filters.flatMap(([of, value]) => (of === name && !value.startsWith('!') ? [value] : []))
}

export function excludedOf(filters: readonly Filter[], name: string): readonly string[] {
  return filters.flatMap(([of, value]) =>
    of === name && value.startsWith('!') ? [value.slice(1)] : [],
  )
}

/** Only this value of the field; all again where it was the only one. */
export function onlyValue(filters: readonly Filter[], name: string, value: string): Filter[] {
  const wanted = wantedOf(filters, name)
  const others = filters.filter((filter) => !isOf(name, filter))
  if (wanted.length === 1 && wanted[0] === value) return others
  return [...others, [name, value]]
}

/** Not this value; taken back where it was excluded. */
export function notValue(filters: readonly Filter[], name: string, value: string): Filter[] {
  const others = filters.filter(
    ([of, one]) => of !== name || (one !== value && one !== `!${value}`),
  )
  return excludedOf(filters, name).includes(value) ? others : [...others, [name, `!${value}`]]
}

/** This value beside those that are wanted already, or not any more. */
export function toggledValue(filters: readonly Filter[], name: string, value: string): Filter[] {
  const others = filters.filter(
    ([of, one]) => of !== name || (one !== value && one !== `!${value}`),
  )
  return wantedOf(filters, name).includes(value) ? others : [...others, [name, value]]
}

/** Without the filters that a chip stands for. */
export function withoutTerm(filters: readonly Filter[], { filters: removed }: Term): Filter[] {
  return filters.filter(
    ([of, one]) => !removed.some(([name, value]) => of === name && one === value),
  )
}
