import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'

/** Files of one certificate, PEM. */
export interface CertificateFiles {
  readonly cert: string
  readonly key: string
}

export interface TestAuthority {
  readonly ca: string
  /** `names`: as in subjectAltName, e.g. `URI:spiffe://cluster.local/ns/shop/sa/checkout`. */
  issue(name: string, names: string): CertificateFiles
}

/** A certificate authority in `directory`, made for one test, as that of a mesh. */
export function createAuthority(directory: string): TestAuthority {
  fs.mkdirSync(directory, { recursive: true })
  const file = (name: string) => path.join(directory, name)
  const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: 'pipe' })
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  openssl(
    ...['req', '-x509', ...newKey, '-days', '2', '-subj', '/CN=Mesh of a test'],
    ...['-keyout', file('ca-key.pem'), '-out', file('ca.pem')],
  )
  return {
    ca: file('ca.pem'),
    issue(name, names) {
      const [key, request, cert] = [`${name}-key.pem`, `${name}.csr`, `${name}.pem`].map(file)
      if (!key || !request || !cert) throw new Error('unreachable')
      openssl('req', '-new', ...newKey, '-subj', `/O=${name}`, '-keyout', key, '-out', request)
      const extensions = file(`${name}.ext`)
      fs.writeFileSync(extensions, `subjectAltName=${names}\nbasicConstraints=CA:FALSE\n`)
      openssl(
        ...['x509', '-req', '-in', request, '-CA', file('ca.pem'), '-CAkey', file('ca-key.pem')],
        ...['-CAcreateserial', '-days', '2', '-extfile', extensions, '-out', cert],
      )
      return { cert, key }
    },
  }
}
