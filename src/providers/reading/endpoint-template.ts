/**
 * Names that endpoints are made of; everything else in a path is an id, a model or a name of
 * somebody's.
 */
const NAME = /^(?:v\d+(?:(?:alpha|beta)\d*)?|[a-z]+(?:_[a-z]+)*|[a-z]+(?:[A-Z][a-z]+)+)$/
const MAX_NAME_LENGTH = 32
const MAX_SEGMENTS = 12

/**
 * The path of an endpoint without what differs from call to call: `/v1beta/models/{id}:dream`,
 * `/v1/things/{id}/parts`.
 */
export function endpointTemplate(endpoint: string): string {
  const segments = endpoint.split('/').slice(0, MAX_SEGMENTS)
  return segments.map((segment, index) => templateOf(segment, segments[index - 1] ?? '')).join('/')
}

function templateOf(segment: string, before: string): string {
  const [name = '', method] = segment.split(':')
  const isId =
    name !== '' &&
    (name.length > MAX_NAME_LENGTH || !NAME.test(name) || /^(models|tunedModels)$/.test(before))
  const shown = isId ? '{id}' : name
  return method !== undefined && NAME.test(method) && method.length <= MAX_NAME_LENGTH
    ? `${shown}:${method}`
    : shown
}
