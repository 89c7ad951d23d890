import { RANGE_FIELDS, rangeField, VALUE_FIELDS, valueField } from './filter-fields.ts'
import { quoted } from './filter-text.ts'

/** What stands at the caret and can be completed: `text.slice(start, end)` is replaced. */
export interface Completing {
  readonly start: number
  readonly end: number
  /** Of a value: its field. */
  readonly field: string | null
  readonly typed: string
}

export interface Suggestion {
  readonly text: string
  readonly hint: string
  /** More is to be written behind it. */
  readonly isOpen: boolean
}

/** The name or the value at the caret of the box. */
export function completingAt(text: string, caret: number): Completing {
  const before = text.slice(0, caret)
  const start = startOfToken(before)
  const token = before.slice(start)
  const colon = token.indexOf(':')
  const name = token.slice(token.startsWith('-') ? 1 : 0, colon === -1 ? undefined : colon)
  if (colon === -1) return { start: caret - name.length, end: caret, field: null, typed: name }
  const value = token.slice(Math.max(colon, lastComma(token)) + 1)
  const end = caret + (/^[^\s,]*/.exec(text.slice(caret))?.[0].length ?? 0)
  const typed = value.replace(/^"/, '').replace(/\\(.)/g, '$1')
  return { start: caret - value.length, end, field: name, typed }
}

function startOfToken(before: string): number {
  let start = 0
  let isQuoted = false
  for (let at = 0; at < before.length; at += 1) {
    if (before[at] === '\\' && isQuoted) at += 1
    else if (before[at] === '"') isQuoted = !isQuoted
    else if (!isQuoted && /\s/.test(before[at] ?? '')) start = at + 1
  }
  return start
}

function lastComma(token: string): number {
  let found = -1
  let isQuoted = false
  for (let at = 0; at < token.length; at += 1) {
    if (token[at] === '\\' && isQuoted) at += 1
    else if (token[at] === '"') isQuoted = !isQuoted
    else if (!isQuoted && token[at] === ',') found = at
  }
  return found
}

/** Names of fields that begin with what is typed, then those that hold it. */
export function nameSuggestions(typed: string): readonly Suggestion[] {
  const wanted = typed.toLowerCase()
  const all = [...VALUE_FIELDS, ...RANGE_FIELDS]
  const begins = all.filter(({ name }) => name.toLowerCase().startsWith(wanted))
  const holds = all.filter((field) => field.name.toLowerCase().includes(wanted))
  return [...new Set([...begins, ...holds])].map(({ name, hint }) => ({
    ...{ text: `${name}:`, hint },
    isOpen: true,
  }))
}

/** Values that need not be asked for: closed lists, classes of statuses, signs of ranges. */
export function knownSuggestions(field: string, typed: string): readonly Suggestion[] {
  const range = rangeField(field)
  const known =
    range === undefined
      ? (valueField(field)?.values ??
        (valueField(field)?.kind === 'status' ? ['2xx', '4xx', '5xx'] : []))
      : ['>=', range.mostSign]
  return known
    .filter((value) => value.startsWith(typed.toLowerCase()))
    .map((text) => ({ text, hint: '', isOpen: range !== undefined }))
}

/** The box after a choice, and where its caret goes. */
export function completed(
  text: string,
  { start, end, field }: Completing,
  chosen: Suggestion,
): { readonly text: string; readonly caret: number } {
  const inserted = `${field === null ? chosen.text : quoted(chosen.text)}${chosen.isOpen ? '' : ' '}`
  const after = text.slice(end).replace(/^\s+/, '')
  const before = text.slice(0, start)
  const between = chosen.isOpen && after !== '' ? ' ' : ''
  return { text: before + inserted + between + after, caret: start + inserted.length }
}
