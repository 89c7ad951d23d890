/** The body of a change with its reason; without one the member is left out. */
export function withReason<Body extends object>(body: Body, reason: string): Body {
  const given = reason.trim()
  return given === '' ? body : { ...body, reason: given }
}
