import { execFile, execFileSync, spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'
import { packageRoot } from '../../src/config/package-root.ts'

const run = promisify(execFile)

/** Istio's module has no versions that can be listed; this is a commit of 1.31's branch. */
const ISTIO = 'v0.0.0-20260827124520-eed52ebb66ad'
/** As a command, which says what it would give its proxies, and as the server. */
const ENVOY_GATEWAY = 'v1.9.1'
const CACHE = path.join(packageRoot(), 'node_modules/.cache/flint-mesh-tools')

/** Programs of this stage: where their source is, and which version of it. */
const TOOLS = {
  kubeconform: { source: 'github.com/yannh/kubeconform/cmd/kubeconform', version: 'v0.8.0' },
  'pilot-discovery': { source: 'istio.io/istio/pilot/cmd/pilot-discovery', version: ISTIO },
  'pilot-agent': { source: 'istio.io/istio/pilot/cmd/pilot-agent', version: ISTIO },
  'envoy-gateway': {
    source: 'github.com/envoyproxy/gateway/cmd/envoy-gateway',
    version: ENVOY_GATEWAY,
  },
  egctl: { source: 'github.com/envoyproxy/gateway/cmd/egctl', version: ENVOY_GATEWAY },
} as const satisfies Record<string, { readonly source: string; readonly version: string }>

/** Modules that carry the schemas of their objects. */
const MODULES = {
  istio: `istio.io/istio@${ISTIO}`,
  'envoy-gateway': `github.com/envoyproxy/gateway@${ENVOY_GATEWAY}`,
  'gateway-api': 'sigs.k8s.io/gateway-api@v1.6.1',
} as const

export type ToolName = keyof typeof TOOLS
export const TOOL_NAMES = Object.keys(TOOLS) as readonly ToolName[]

/** What `go install` must not do: ask git, need a C compiler, or fetch another Go. */
const GO_ENVIRONMENT = { GOFLAGS: '-buildvcs=false', CGO_ENABLED: '0', GOTOOLCHAIN: 'local' }

const folderOf = (name: ToolName) => path.join(CACHE, `${name}-${TOOLS[name].version}`)

/** Its path; it is there once the stage's setup has run. */
export const toolPath = (name: ToolName): string => path.join(folderOf(name), name)

export const isInstalled = (name: ToolName): boolean => fs.existsSync(toolPath(name))

export const hasGo = (): boolean => spawnSync('go', ['version']).status === 0

export const cacheFolder = (): string => CACHE

/** Builds one; `go` puts a finished program in place, or none. */
export async function install(name: ToolName): Promise<void> {
  const { source, version } = TOOLS[name]
  const env = { ...process.env, ...GO_ENVIRONMENT, GOBIN: folderOf(name) }
  await run('nice', ['-n', '10', 'go', 'install', '-ldflags=-s -w', `${source}@${version}`], {
    env,
    maxBuffer: 64 * 1024 * 1024,
  })
}

/** The folder of a module's files, fetched where they are not there. */
export function moduleFolder(name: keyof typeof MODULES): string {
  const env = { ...process.env, ...GO_ENVIRONMENT }
  const options = { env, encoding: 'utf8', cwd: CACHE } as const
  const answer = execFileSync('go', ['mod', 'download', '-json', MODULES[name]], options)
  return (JSON.parse(answer) as { Dir: string }).Dir
}

export const hasIstio = (): boolean => isInstalled('pilot-discovery') && isInstalled('pilot-agent')
