import fs from 'node:fs'
import path from 'node:path'
import type { Command } from 'commander'
import { type ManifestFile, printFile } from '../../envoy/mesh/manifest.ts'
import { CONTROL_PLANES, type ControlPlane } from '../../envoy/mesh/manifest-folders.ts'
import { ConfigError } from '../config/config-error.ts'
import { CONFIG_FILE_VARIABLE } from '../config/environment.ts'
import { loadConfig } from '../config/load.ts'
import { say } from './running-flint.ts'

interface Flags {
  readonly config?: string
  readonly out?: string
}

const NAMES: Readonly<Record<ControlPlane, string>> = {
  istio: 'Istio',
  'envoy-gateway': 'Envoy Gateway',
}

/** `flint manifests`: what makes a mesh capture calls (docs/mesh-install.md). */
export function addManifestCommands(program: Command): void {
  const manifests = program
    .command('manifests')
    .description('what makes a mesh capture calls, as mesh.manifests: in flint.yaml says')
  for (const [controlPlane, render] of Object.entries(CONTROL_PLANES))
    manifests
      .command(controlPlane)
      .description(`for ${NAMES[controlPlane as ControlPlane]}`)
      .option('--config <file>', 'flint.yaml')
      .option('--out <folder>', 'write one file for each purpose; else all are printed')
      .action(({ config: file, out }: Flags) => {
        const named = file === undefined ? {} : { [CONFIG_FILE_VARIABLE]: file }
        const files = render(loadConfig({ ...process.env, ...named }).config)
        if (out === undefined) process.stdout.write(files.map(printFile).join('---\n'))
        else write(files, out)
      })
}

function write(files: readonly ManifestFile[], folder: string): void {
  try {
    fs.mkdirSync(folder, { recursive: true })
    for (const file of files) {
      const target = path.join(folder, file.name)
      fs.writeFileSync(target, printFile(file))
      say(target)
    }
  } catch (cause) {
    throw new ConfigError(`--out ${folder} cannot be written: ${String(cause)}`, '--out', { cause })
  }
}
