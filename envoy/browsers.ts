import { type BootstrapTree, virtualHostsOf } from './tree.ts'

/**
 * Lets pages of these origins call (Fetch standard, "CORS protocol"); without it no answer carries
 * a header of that kind.
 */
export function allowBrowsers(tree: BootstrapTree, origins: readonly string[]): void {
  for (const host of virtualHostsOf(tree))
    host.typed_per_filter_config = {
      'envoy.filters.http.cors': {
        '@type': 'type.googleapis.com/envoy.extensions.filters.http.cors.v3.CorsPolicy',
        allow_origin_string_match: origins.map((exact) => ({ exact })),
        allow_methods: 'GET, POST, PUT, PATCH, DELETE',
        // The wildcard does not cover Authorization.
        allow_headers: '*, authorization',
        expose_headers: '*',
        max_age: '600',
      },
    }
}
