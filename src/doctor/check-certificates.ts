import type { X509Certificate } from 'node:crypto'
import { firstToEnd } from '../config/certificate-files.ts'
import { type Finding, ok, problem, warning } from './finding.ts'

const DAY_MS = 86_400_000
/** Meshes renew certificates of a day after half of it; public ones are renewed a month ahead. */
const SOON_SHARE = 0.2

/** Whether the certificates of a file can be read and for how long they are good. */
export function checkCertificates(
  settings: ReadonlyArray<readonly [setting: string, file: string]>,
  nowMs: number,
): readonly Finding[] {
  return settings.map(([setting, file]) => {
    const check = `certificate.${setting}`
    const soonest = read(file)
    if (soonest === null)
      return problem(
        check,
        `${file} has no certificate that can be read`,
        `put a PEM file there, or change ${setting}`,
      )
    const endMs = Date.parse(soonest.validTo)
    const left = endMs - nowMs
    const found = `${file} is good until ${new Date(endMs).toISOString()}`
    const renew = `renew it: Flint reads the file again by itself`
    if (left <= 0) return problem(check, `${file} ended at ${new Date(endMs).toISOString()}`, renew)
    if (Date.parse(soonest.validFrom) > nowMs)
      return problem(
        check,
        `${file} is not good before ${soonest.validFrom}`,
        'look at the clock of this machine',
      )
    const life = endMs - Date.parse(soonest.validFrom)
    return left < Math.min(life * SOON_SHARE, 30 * DAY_MS)
      ? warning(check, found, renew)
      : ok(check, found)
  })
}

function read(file: string): X509Certificate | null {
  try {
    return firstToEnd(file)
  } catch {
    return null
  }
}
