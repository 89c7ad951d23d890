/** Larger texts stay as they were sent. */
const MAX_UNITS = 256 * 1024
/** An indentation of this depth is wider than any screen. */
const MAX_DEPTH = 64
const INDENT = '  '

/**
 * JSON with a line for each of its values. Only white space changes: numbers, escapes and doubled
 * names stay as they were written. Null where it is no JSON, or too large or too deep for it.
 */
export function indentedJson(text: string): string | null {
  if (text.length > MAX_UNITS || !/^\s*[[{]/.test(text) || !isJson(text)) return null
  const out: string[] = []
  let depth = 0
  const newLine = () => `\n${INDENT.repeat(depth)}`
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[[\]{},:]|[^\s"[\]{},:]+/gs)) {
    if (token === '{' || token === '[') {
      depth += 1
      if (depth > MAX_DEPTH) return null
      out.push(token, newLine())
    } else if (token === '}' || token === ']') {
      depth -= 1
      const isEmpty = /^\n\s*$/.test(out.at(-1) ?? '') && /^[[{]$/.test(out.at(-2) ?? '')
      if (isEmpty) out.pop()
      else out.push(newLine())
      out.push(token)
    } else if (token === ',') out.push(token, newLine())
    else if (token === ':') out.push(': ')
    else out.push(token)
  }
  const indented = out.join('')
  return indented.length > 4 * MAX_UNITS ? null : indented
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
