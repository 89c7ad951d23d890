/** A name as ClickHouse reads it, whatever it holds. */
export function identifier(name: string): string {
  return `\`${name.replaceAll(/[\\`]/g, '\\$&')}\``
}

/** A string literal. */
export function literal(text: string): string {
  return `'${text.replaceAll(/[\\']/g, '\\$&')}'`
}

const LINE_LENGTH = 92

/** Names with commas between, in lines that a page can show. */
export function nameList(names: readonly string[]): string {
  const lines: string[] = []
  let line = ''
  for (const name of names) {
    if (line !== '' && line.length + name.length > LINE_LENGTH) {
      lines.push(line.trimEnd())
      line = ''
    }
    line += `${name}, `
  }
  return [...lines, line.replace(/, $/, '')].map((each) => `    ${each}`).join('\n')
}
