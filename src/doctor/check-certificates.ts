import { X509Certificate } from 'node:crypto'
import fs from 'node:fs'
import { type Finding, ok, problem, warning } from './finding.ts'

/** A setting that names a file of certificates (PEM). */
export interface CertificateSetting {
  readonly setting: string
  readonly file: string
}

const DAY_MS = 86_400_000
/** Meshes renew certificates of a day after half of it; public ones are renewed a month ahead. */
const SOON_SHARE = 0.2

/** Whether the certificates of a file can be read and for how long they are good. */
export function checkCertificates(
  settings: readonly CertificateSetting[],
  nowMs: number,
): readonly Finding[] {
  return settings.map(({ setting, file }) => {
    const check = `certificate.${setting}`
    const certificates = read(file)
    if (certificates === null)
      return problem(
        check,
        `${file} has no certificate that can be read`,
        `put a PEM file there, or change ${setting}`,
      )
    const [first, ...others] = certificates
    const soonest = others.reduce((a, b) => (endMs(b) < endMs(a) ? b : a), first)
    const left = endMs(soonest) - nowMs
    const found = `${file} is good until ${new Date(endMs(soonest)).toISOString()}`
    const renew = `renew it: Flint reads the file again by itself`
    if (left <= 0)
      return problem(check, `${file} ended at ${new Date(endMs(soonest)).toISOString()}`, renew)
    if (Date.parse(soonest.validFrom) > nowMs)
      return problem(
        check,
        `${file} is not good before ${soonest.validFrom}`,
        'look at the clock of this machine',
      )
    const life = endMs(soonest) - Date.parse(soonest.validFrom)
    return left < Math.min(life * SOON_SHARE, 30 * DAY_MS)
      ? warning(check, found, renew)
      : ok(check, found)
  })
}

const endMs = (certificate: X509Certificate) => Date.parse(certificate.validTo)

function read(file: string): readonly [X509Certificate, ...X509Certificate[]] | null {
  try {
    const blocks = fs.readFileSync(file, 'utf8').split('-----END CERTIFICATE-----').slice(0, -1)
    const [first, ...others] = blocks.map(
      (block) => new X509Certificate(`${block}-----END CERTIFICATE-----\n`),
    )
    return first === undefined ? null : [first, ...others]
  } catch {
    return null
  }
}
