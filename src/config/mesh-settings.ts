import fs from 'node:fs'
import { ConfigError } from './config-error.ts'
import { variableName } from './environment.ts'
import type { Config } from './schema.ts'

/** Whom the ports for a mesh's proxies let in, and how; its shape is extproc's PortForProxies. */
interface ProxyPort {
  readonly host: string
  readonly port: number
  readonly certFile: string
  readonly keyFile: string
  readonly clientCaFile: string
  readonly gateways: readonly string[]
  readonly sidecars: readonly string[]
}

/**
 * The port of a role for the proxies of a mesh; null where there is none. Without certificates
 * there is no such port at all: who reached it could write records.
 */
export function proxyPort({ mesh }: Pick<Config, 'mesh'>, role: 'gate' | 'observer') {
  const port = role === 'gate' ? mesh.gatePort : mesh.observerPort
  if (port === undefined) return null
  const file = (name: 'certFile' | 'keyFile' | 'clientCaFile'): string => {
    const setting = `mesh.${name}`
    const variable = variableName(['mesh', name])
    const path = mesh[name]
    if (path === undefined)
      throw new ConfigError(
        `${setting} (${variable}) is missing: mesh.${role}Port is open to those alone who show a certificate`,
        setting,
      )
    if (!fs.existsSync(path))
      throw new ConfigError(`${setting} (${variable}) names no file: ${path}`, setting)
    return path
  }
  const { host, gateways, sidecars } = mesh
  if (gateways.length + sidecars.length === 0)
    throw new ConfigError(
      `mesh.gateways (${variableName(['mesh', 'gateways'])}) and mesh.sidecars (${variableName(['mesh', 'sidecars'])}) are empty: name the SPIFFE IDs of the proxies that may connect to mesh.${role}Port`,
      'mesh.gateways',
    )
  return {
    ...{ host, port, gateways, sidecars },
    certFile: file('certFile'),
    keyFile: file('keyFile'),
    clientCaFile: file('clientCaFile'),
  } satisfies ProxyPort
}
