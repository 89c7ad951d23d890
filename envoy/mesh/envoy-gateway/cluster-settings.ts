import type { Cluster } from '../../tree.ts'

/** Of a cluster in the bootstrap, what Envoy Gateway has a field for. */
interface KnownCluster {
  readonly connect_timeout: string
  readonly per_connection_buffer_limit_bytes?: number
  readonly circuit_breakers: { readonly thresholds: readonly Threshold[] }
  readonly upstream_connection_options?: {
    readonly tcp_keepalive: {
      readonly keepalive_time: number
      readonly keepalive_interval: number
      readonly keepalive_probes: number
    }
  }
  readonly typed_extension_protocol_options: Readonly<Record<string, HttpOptions>>
}

interface Threshold {
  readonly max_connections: number
  readonly max_pending_requests: number
  readonly max_requests: number
  readonly max_retries: number
}

interface HttpOptions {
  readonly common_http_protocol_options: {
    readonly max_requests_per_connection?: number
    readonly idle_timeout?: string
    readonly max_connection_duration?: string
  }
  readonly explicit_http_config: {
    readonly http2_protocol_options?: {
      readonly initial_stream_window_size: number
      readonly initial_connection_window_size: number
      readonly connection_keepalive?: { readonly interval: string; readonly timeout: string }
    }
  }
}

/** How connections of a cluster are kept, as fields that policies and `backendSettings` share. */
export function clusterSettings(cluster: Cluster) {
  const known = cluster as unknown as KnownCluster
  const [options] = Object.values(known.typed_extension_protocol_options)
  const common = options?.common_http_protocol_options ?? {}
  const http2 = options?.explicit_http_config.http2_protocol_options
  const keepalive = known.upstream_connection_options?.tcp_keepalive
  const limit = known.per_connection_buffer_limit_bytes
  return {
    circuitBreaker: circuitBreaker(known, common.max_requests_per_connection),
    timeout: {
      tcp: { connectTimeout: known.connect_timeout },
      ...(common.idle_timeout === undefined
        ? {}
        : {
            http: {
              connectionIdleTimeout: common.idle_timeout,
              maxConnectionDuration: common.max_connection_duration,
            },
          }),
    },
    ...(keepalive === undefined
      ? {}
      : {
          tcpKeepalive: {
            idleTime: `${keepalive.keepalive_time}s`,
            interval: `${keepalive.keepalive_interval}s`,
            probes: keepalive.keepalive_probes,
          },
        }),
    ...(limit === undefined ? {} : { connection: { bufferLimit: String(limit) } }),
    ...(http2 === undefined ? {} : { http2: http2Settings(http2) }),
  }
}

function circuitBreaker({ circuit_breakers }: KnownCluster, requests: number | undefined) {
  const [threshold] = circuit_breakers.thresholds
  return {
    maxConnections: threshold?.max_connections,
    maxPendingRequests: threshold?.max_pending_requests,
    maxParallelRequests: threshold?.max_requests,
    maxParallelRetries: threshold?.max_retries,
    ...(requests === undefined ? {} : { maxRequestsPerConnection: requests }),
  }
}

type Http2 = NonNullable<HttpOptions['explicit_http_config']['http2_protocol_options']>

function http2Settings(http2: Http2) {
  const keepalive = http2.connection_keepalive
  return {
    initialStreamWindowSize: String(http2.initial_stream_window_size),
    initialConnectionWindowSize: String(http2.initial_connection_window_size),
    ...(keepalive === undefined
      ? {}
      : {
          connectionKeepalive: { interval: behind(keepalive.timeout), timeout: keepalive.timeout },
        }),
  }
}

/** Envoy Gateway takes no timeout that is as long as the interval; how long one waits is kept. */
function behind(timeout: string): string {
  return `${Number.parseInt(timeout, 10) + 1}s`
}
