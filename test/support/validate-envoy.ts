import { execFile } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { findEnvoy } from '../../envoy/find-envoy.ts'

/** What Envoy says of a bootstrap (`--mode validate`): '' where it would run it. */
export async function complaintOfEnvoy(bootstrap: unknown, directory: string): Promise<string> {
  const binary = await findEnvoy({ configuredPath: undefined, say: (line) => console.log(line) })
  const file = path.join(directory, 'bootstrap.json')
  fs.writeFileSync(file, JSON.stringify(bootstrap))
  return await new Promise((resolve) => {
    const args = ['--mode', 'validate', '-c', file, '--log-level', 'error']
    execFile(binary, args, { cwd: directory }, (error, _stdout, stderr) =>
      resolve(error === null ? '' : stderr || String(error)),
    )
  })
}
