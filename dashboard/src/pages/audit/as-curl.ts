/** The request as a command for a POSIX shell; the key comes out of the environment. */
export function asCurl(origin: string, path: string, query: URLSearchParams): string {
  const text = query.toString()
  const url = `${origin}/v1${path}${text === '' ? '' : `?${text}`}`
  return `curl -H "Authorization: Bearer $FLINT_API_KEY" ${shellQuoted(url)}`
}

/** Nothing within single quotes means anything to a shell but the quote itself. */
function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}
