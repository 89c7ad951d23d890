type Build<Schemas, Options, Route, Compiled> = (
  schemas: Schemas,
  options: Options,
) => (route: Route) => Compiled

/**
 * A builder of validators or serializers that compiles each schema once. Fastify asks for those of
 * each route and of each answer; but errors are the same in all routes, and what is under `/v1` is
 * there once more under `/ui/v1`. Compiling was most of the start of the API.
 *
 * `partOf` is what the outcome depends on; compared as JSON.
 */
export function compiledOnce<Schemas, Options, Route, Compiled>(
  build: Build<Schemas, Options, Route, Compiled>,
  partOf: (route: Route) => unknown,
): Build<Schemas, Options, Route, Compiled> {
  const compilers = new Map<string, (route: Route) => Compiled>()
  return (schemas, options) =>
    once(compilers, [schemas, options], () => {
      const compile = build(schemas, options)
      const compiled = new Map<string, Compiled>()
      return (route) => once(compiled, partOf(route), () => compile(route))
    })
}

function once<T>(made: Map<string, T>, of: unknown, make: () => T): T {
  const key = JSON.stringify(of)
  const known = made.get(key)
  if (known !== undefined) return known
  const value = make()
  made.set(key, value)
  return value
}
