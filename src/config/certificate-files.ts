import { X509Certificate } from 'node:crypto'
import fs from 'node:fs'
import tls from 'node:tls'
import { ConfigError } from './config-error.ts'
import { variableName } from './environment.ts'
import type { PublicTls } from './public-listener.ts'
import type { Config } from './schema.ts'

/** Of a PEM file the certificate that ends first; throws where it holds none that can be read. */
export function firstToEnd(file: string): X509Certificate {
  const [first, ...others] = fs
    .readFileSync(file, 'utf8')
    .split(END)
    .filter((text) => text.includes(BEGIN))
    .map((text) => new X509Certificate(`${text.slice(text.indexOf(BEGIN))}${END}\n`))
  if (first === undefined) throw new Error('it holds no certificate')
  return others.reduce((soonest, other) => (endMs(other) < endMs(soonest) ? other : soonest), first)
}

/** When the first certificate of a PEM file ends, milliseconds since the epoch. */
export function firstEndMs(file: string): number {
  return endMs(firstToEnd(file))
}

const endMs = ({ validTo }: X509Certificate) => Date.parse(validTo)

const BEGIN = '-----BEGIN CERTIFICATE-----'
const END = '-----END CERTIFICATE-----'

/** Files of certificates, by the settings that name them. */
export function certificateSettings({
  tls,
  mesh,
}: Pick<Config, 'tls' | 'mesh'>): ReadonlyArray<readonly [setting: string, file: string]> {
  const files = {
    'tls.certFile': tls.certFile,
    'tls.clientCaFile': tls.clientCaFile,
    'mesh.certFile': mesh.certFile,
    'mesh.clientCaFile': mesh.clientCaFile,
  }
  return Object.entries(files).flatMap(([setting, file]) =>
    file === undefined ? [] : [[setting, file] as const],
  )
}

/**
 * When the certificates that settings name end, seconds since the epoch; a file that cannot be read
 * at this moment is left out.
 */
export function certificateEnds(
  config: Pick<Config, 'tls' | 'mesh'>,
): Array<[setting: string, atSeconds: number]> {
  return certificateSettings(config).flatMap(([setting, file]) => {
    try {
      return [[setting, firstEndMs(file) / 1_000]]
    } catch {
      return []
    }
  })
}

/** Files that Envoy would refuse, said in terms of settings before it is started with them. */
export function checkCertificates({ certFile, keyFile, clientCaFile }: PublicTls): void {
  const cert = attempt('certFile', certFile, 'cannot be read', () => fs.readFileSync(certFile))
  const key = attempt('keyFile', keyFile, 'cannot be read', () => fs.readFileSync(keyFile))
  attempt('certFile', certFile, 'holds no certificate', () => firstEndMs(certFile))
  attempt('keyFile', keyFile, 'is no key of tls.certFile', () =>
    tls.createSecureContext({ cert, key }),
  )
  if (clientCaFile !== null)
    attempt('clientCaFile', clientCaFile, 'holds no certificate', () => firstEndMs(clientCaFile))
}

function attempt<Result>(
  name: keyof Config['tls'],
  file: string,
  complaint: string,
  act: () => Result,
): Result {
  try {
    return act()
  } catch (cause) {
    const setting = `tls.${name}`
    throw new ConfigError(
      `${setting} (${variableName(['tls', name])}) ${complaint}: ${file}`,
      setting,
      { cause },
    )
  }
}
