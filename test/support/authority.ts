import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'

export interface Certificate {
  readonly certFile: string
  readonly keyFile: string
}

export interface Authority extends Certificate {
  /** A certificate of it, for a name such as `DNS:api.openai.com` or `URI:spiffe://…`. */
  issue(file: string, subjectAltName: string, days?: number): Certificate
}

/** A certificate authority of its own, made by openssl. */
export function makeAuthority(directory: string, name = 'ca'): Authority {
  fs.mkdirSync(directory, { recursive: true })
  const filesOf = (file: string): Certificate => ({
    certFile: path.join(directory, `${file}.crt`),
    keyFile: path.join(directory, `${file}.key`),
  })
  const authority = filesOf(name)
  request(authority, 30, [
    '-subj',
    `/CN=${name}`,
    '-addext',
    'keyUsage=critical,keyCertSign,cRLSign',
  ])
  return {
    ...authority,
    issue(file, subjectAltName, days = 30) {
      const issued = filesOf(file)
      request(issued, days, [
        ...['-subj', `/CN=${file}`],
        ...['-CA', authority.certFile, '-CAkey', authority.keyFile],
        ...['-addext', `subjectAltName=${subjectAltName}`],
        ...['-addext', 'basicConstraints=critical,CA:FALSE'],
        ...['-addext', 'extendedKeyUsage=serverAuth,clientAuth'],
      ])
      return issued
    },
  }
}

function request(
  { certFile, keyFile }: Certificate,
  days: number,
  options: readonly string[],
): void {
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  const files = ['-keyout', keyFile, '-out', certFile]
  execFileSync('openssl', ['req', '-x509', '-days', String(days), ...key, ...files, ...options], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
}
