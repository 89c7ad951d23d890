const SHORTEST = 8

/** Whether text of the box is an id rather than something to search for: `req_8e2d…`, a UUID. */
export function looksLikeId(text: string): boolean {
  return text.length >= SHORTEST && /\d/.test(text) && /^[\w.:/+=-]+$/.test(text)
}
