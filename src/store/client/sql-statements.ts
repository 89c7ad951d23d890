/**
 * Splits a script at the semicolons that end statements: not at those inside quotes or comments.
 * Comments are dropped, so that a script may end in one.
 */
export function splitStatements(script: string): readonly string[] {
  const statements: string[] = []
  let statement = ''
  for (const [token] of script.matchAll(TOKEN)) {
    if (token.startsWith('--') || token.startsWith('/*')) continue
    if (token === ';') {
      statements.push(statement)
      statement = ''
    } else statement += token
  }
  statements.push(statement)
  return statements.map((text) => text.trim()).filter((text) => text !== '')
}

/**
 * Comment, quoted text or identifier (backslash and doubled quotes stay inside), semicolon, or
 * anything else.
 */
const TOKEN =
  /--[^\n]*|\/\*[\s\S]*?\*\/|'(?:\\[\s\S]|''|[^'\\])*'|"(?:\\[\s\S]|[^"\\])*"|`(?:\\[\s\S]|[^`\\])*`|;|[^;'"`/-]+|[\s\S]/g
