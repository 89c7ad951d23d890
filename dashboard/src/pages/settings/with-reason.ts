/** The body of a change with its reason; one that was not given is left out, the API takes no empty one. */
export function withReason<Body extends object>(body: Body, reason: string): Body {
  const given = reason.trim()
  return given === '' ? body : { ...body, reason: given }
}
