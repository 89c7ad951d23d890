import type { Authority, Certificate } from './authority.ts'
import { freePort } from './flint.ts'

/** The environment of a Flint that proxies reach on ports of its own, and these ports. */
export interface MeshSettings {
  readonly env: Readonly<Record<string, string>>
  readonly ports: { readonly gate: number; readonly observer: number }
}

/** `trust` is `mesh.gateways` and `mesh.sidecars` of flint.yaml: whom it lets in. */
export async function meshSettings(
  authority: Pick<Authority, 'certFile'>,
  own: Certificate,
  trust: { readonly gateways?: readonly string[]; readonly sidecars?: readonly string[] },
): Promise<MeshSettings> {
  const ports = { gate: await freePort(), observer: await freePort() }
  const lists = Object.entries(trust).map(([name, ids]) => [
    `FLINT_MESH_${name.toUpperCase()}`,
    JSON.stringify(ids),
  ])
  return {
    ports,
    env: {
      FLINT_MESH_HOST: '127.0.0.1',
      FLINT_MESH_GATE_PORT: String(ports.gate),
      FLINT_MESH_OBSERVER_PORT: String(ports.observer),
      FLINT_MESH_CERT_FILE: own.certFile,
      FLINT_MESH_KEY_FILE: own.keyFile,
      FLINT_MESH_CLIENT_CA_FILE: authority.certFile,
      ...Object.fromEntries(lists),
    },
  }
}
