const START = '/ui/'

/**
 * Where a person goes on after signing in: a place of the page, its query included, and of nothing
 * else. What is no such place leads to the start.
 */
export function nextPath(next: unknown): string {
  if (typeof next !== 'string' || !next.startsWith(START) || next.length > 4_000) return START
  const here = 'http://page.invalid'
  if (!URL.canParse(next, here)) return START
  const { origin, pathname, search } = new URL(next, here)
  const isOfPage = origin === here && pathname.startsWith(START)
  return isOfPage && !/^\/ui\/(oidc|v1|session)(\/|$)/.test(pathname) ? pathname + search : START
}
