import fs from 'node:fs'
import path from 'node:path'
import type { Command } from 'commander'
import { openFilesLimit } from '../../envoy/open-files.ts'
import { contentStore } from '../app/content-store.ts'
import { createPartsHere } from '../app/parts-here.ts'
import { certificateSettings } from '../config/certificate-files.ts'
import { ConfigError } from '../config/config-error.ts'
import { type DataPaths, dataPaths } from '../config/data-paths.ts'
import { loadConfig } from '../config/load.ts'
import type { Config } from '../config/schema.ts'
import { checkCertificates } from '../doctor/check-certificates.ts'
import { checkContentStore } from '../doctor/check-content-store.ts'
import { refusedListener } from '../doctor/check-listener.ts'
import { checkDisk, checkOpenFiles } from '../doctor/check-machine.ts'
import { checkParts } from '../doctor/check-parts.ts'
import { checkStore } from '../doctor/check-store.ts'
import { type Finding, ok, problem, unknown, type Verdict, warning } from '../doctor/finding.ts'
import { connectStore, type Installation, openInstallation } from '../installation.ts'
import { textTable } from '../text-table.ts'
import { lookAtProxy } from './look-at-proxy.ts'
import { say } from './running-flint.ts'

interface Flags {
  readonly json?: boolean
  readonly envoyAdmin?: string
}

/** `flint doctor`: looks at everything an operator would, changes nothing, and says what to do. */
export function addDoctorCommand(program: Command): void {
  program
    .command('doctor')
    .description(
      'look at configuration, Envoy, ClickHouse, S3, disk and certificates, and say what to do',
    )
    .option(
      '--envoy-admin <address>',
      "admin interface of the Envoy to look at: host:port or the path of a socket; default: this data directory's",
    )
    .option('--json', 'for programs')
    .action(async ({ json, envoyAdmin }: Flags) => {
      const findings = await examine(envoyAdmin)
      say(json ? JSON.stringify(findings, null, 2) : asText(findings))
      // 1: something is wrong; warnings alone do not fail a deployment.
      if (findings.some(({ verdict }) => verdict === 'problem')) process.exitCode = 1
    })
}

const NOT_INSTALLED = unknown(
  'clickhouse.reachable',
  'no Flint has run on this data directory yet; ClickHouse, content store and roles are not looked at',
  'start Flint, or set dataDir',
)

/** A folder alone, a new volume for instance, is none. */
const hasInstallation = ({ root }: DataPaths) => fs.existsSync(path.join(root, 'instance'))

async function examine(envoyAdmin: string | undefined): Promise<readonly Finding[]> {
  const configured = configuration()
  if (configured.config === null) return configured.findings
  const { config } = configured
  const paths = dataPaths(config.dataDir)
  const machine = [
    ...checkDisk(paths.root),
    checkOpenFiles(openFilesLimit()),
    ...checkCertificates(certificateSettings(config), Date.now()),
  ]
  const proxy = await lookAtProxy(envoyAdmin ?? paths.sockets.envoyAdmin)
  // Opening an installation makes its folders and its pepper: this command makes nothing.
  const rest = hasInstallation(paths) ? await lookAtInstallation(config) : [NOT_INSTALLED]
  return [...configured.findings, ...machine, ...proxy, ...rest]
}

function configuration(): {
  readonly config: Config | null
  readonly findings: readonly Finding[]
} {
  try {
    const { config, warnings } = loadConfig(process.env)
    return {
      config,
      findings: [
        refusedListener(config) ??
          ok('configuration', 'flint.yaml and the environment are readable'),
        ...warnings.map((text) =>
          warning('configuration', text, 'see "Settings" in docs/operations.md'),
        ),
      ],
    }
  } catch (error) {
    return {
      config: null,
      findings: [problem('configuration', reasonOf(error), adviceFor(error))],
    }
  }
}

/** A file that may not be read is as much a finding as a setting that is wrong. */
const reasonOf = (error: unknown) => (error instanceof Error ? error.message : 'unknown error')

const adviceFor = (error: unknown) =>
  error instanceof ConfigError
    ? `change ${error.setting}`
    : 'run this as the user that runs Flint, who may read its files'

async function lookAtInstallation(config: Config): Promise<readonly Finding[]> {
  let installation: Installation
  try {
    installation = openInstallation(config)
  } catch (error) {
    return [problem('configuration', reasonOf(error), adviceFor(error))]
  }
  const store = storeOf(installation)
  const content = contentStore(installation)
  const { bucket } = config.s3
  try {
    const here = createPartsHere({
      paths: installation.paths,
      storeAnswers: async () => (await store?.ping()) ?? false,
    })
    return [
      ...checkParts(await here.look(), Date.now()),
      ...(store === null
        ? [unknown('clickhouse.reachable', 'no Flint has run on this data directory yet')]
        : await checkStore(store)),
      await checkContentStore(
        content,
        bucket === undefined ? 'data directory' : `bucket ${bucket}`,
      ),
    ]
  } finally {
    content.close()
    await store?.close()
  }
}

function storeOf(installation: Installation) {
  try {
    return connectStore(installation)
  } catch (error) {
    if (error instanceof ConfigError) return null
    throw error
  }
}

const SIGNS = {
  ok: 'ok',
  warning: 'WARNING',
  problem: 'PROBLEM',
  unknown: '?',
} as const satisfies Record<Verdict, string>

function asText(findings: readonly Finding[]): string {
  const count = (verdict: Verdict) =>
    findings.filter((finding) => finding.verdict === verdict).length
  const table = textTable(
    ['check', '', 'found', 'do'],
    findings.map(({ check, verdict, found, advice }) => [
      check,
      SIGNS[verdict],
      found,
      advice ?? '',
    ]),
  )
  return `${table}\n${count('problem')} problems, ${count('warning')} warnings, ${count('unknown')} not looked at`
}
