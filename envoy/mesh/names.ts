/**
 * What an object in a namespace of apps is called. `kubectl apply` overwrites one of the same kind
 * and name: no one but Flint names objects so.
 */
export function nameOf(purpose: string): string {
  return `flint-egress-${purpose}`
}
