/**
 * Samples without labels of a page in Prometheus's text format, by name; all others are left out
 * (prometheus.io/docs/instrumenting/exposition_formats).
 */
export function unlabelledSamples(page: string): ReadonlyMap<string, number> {
  const lines = page.matchAll(/^(\w+) ([0-9.e+-]+)$/gm)
  return new Map([...lines].map(([, name = '', value]) => [name, Number(value)]))
}
