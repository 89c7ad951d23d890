import type { Manifest } from '../../envoy/mesh/manifest.ts'
import type { Cluster, HttpFilter } from '../../envoy/tree.ts'
import { bootstrapWith } from './bootstrap-of-filters.ts'

/** One change of an EnvoyPatchPolicy, as far as it is put into a bootstrap. */
export interface JsonPatch {
  readonly operation: {
    readonly op: string
    readonly jsonPath: string
    readonly path: string
    readonly value?: unknown
  }
}

interface Node {
  [field: string]: unknown
}

const EXTENSIONS = 'type.googleapis.com/envoy.extensions'
const EXT_PROC = `${EXTENSIONS}.filters.http.ext_proc.v3.ExternalProcessor`
const PROCESSOR = 'processor'

/** What Envoy Gateway makes by itself for gate and observer, in short. */
const extProc = (): Node => ({
  name: 'envoy.filters.http.ext_proc',
  typed_config: {
    '@type': EXT_PROC,
    grpc_service: { envoy_grpc: { cluster_name: PROCESSOR }, timeout: '10s' },
  },
})

const accessLog = (): Node => ({
  name: 'envoy.access_loggers.http_grpc',
  typed_config: {
    '@type': `${EXTENSIONS}.access_loggers.grpc.v3.HttpGrpcAccessLogConfig`,
    common_config: {
      log_name: 'flint',
      transport_api_version: 'V3',
      grpc_service: { envoy_grpc: { cluster_name: PROCESSOR } },
    },
  },
})

/**
 * A bootstrap in which each value of the patches stands where Envoy Gateway would put it, and the
 * format of its log with it: the real Envoy says whether it would run them.
 */
export function bootstrapOfJsonPatches(
  patches: readonly JsonPatch[],
  envoyProxy: Manifest,
): unknown {
  const processors = [extProc(), extProc()]
  const closing = accessLog()
  const inserted = new Map<Node, HttpFilter>()
  const manager: Node = {}
  for (const { operation } of patches) {
    const { op, jsonPath, path, value } = operation
    const [first = '', ...rest] = jsonPath.split(')]')
    const extension = /extproc\.(\d)\$/.exec(first)?.[1]
    const log = first.startsWith('..access_log[') ? closing : manager
    const found = extension === undefined ? log : processors[Number(extension)]
    if (found === undefined) throw new Error(`a patch of a filter that is not there: ${first}`)
    if (path === '') inserted.set(found, value as HttpFilter)
    else change(inside(found, found === manager ? '' : rest.join(')]')), op, path, value)
  }
  const filters = processors.flatMap((filter) => {
    const before = inserted.get(filter)
    return before === undefined ? [filter] : [before, filter]
  })
  return bootstrapWith(
    {
      ...manager,
      access_log: [...jsonLogsOf(envoyProxy), closing],
      http_filters: [...filters, { name: 'envoy.filters.http.router', typed_config: ROUTER }],
    },
    [CLUSTER],
  )
}

const ROUTER = { '@type': `${EXTENSIONS}.filters.http.router.v3.Router` }
const CLUSTER: Cluster = { name: PROCESSOR, type: 'STATIC', connect_timeout: '1s' }

/** `.typed_config.grpc_service`: the part below that the change is for. */
function inside(node: Node, below: string): Node {
  const fields = below.split('.').filter((field) => field !== '')
  return fields.reduce<Node>((at, field) => {
    const member = at[field] as Node | undefined
    if (member === undefined) throw new Error(`a patch below ${below}, which is not there`)
    return member
  }, node)
}

function change(node: Node, op: string, path: string, value: unknown): void {
  const field = path.slice(1)
  if (op === 'add') node[field] = value
  else if (op === 'remove' && field in node) delete node[field]
  else throw new Error(`a patch that changes nothing: ${op} ${path}`)
}

interface LogSetting {
  readonly format?: { readonly json: Readonly<Record<string, string>> }
}

function jsonLogsOf(envoyProxy: Manifest): object[] {
  const { telemetry } = envoyProxy['spec'] as {
    readonly telemetry: { readonly accessLog: { readonly settings: readonly LogSetting[] } }
  }
  return telemetry.accessLog.settings.flatMap(({ format }) =>
    format === undefined
      ? []
      : [
          {
            name: 'envoy.access_loggers.stdout',
            typed_config: {
              // A file `/dev/stdout` cannot be opened where it is a socket, as in a test.
              '@type': `${EXTENSIONS}.access_loggers.stream.v3.StdoutAccessLog`,
              log_format: { json_format: format.json },
            },
          },
        ],
  )
}
