import fs from 'node:fs'
import path from 'node:path'
import { checkCertificates, firstEndMs } from '../config/certificate-files.ts'
import type { PublicTls } from '../config/public-listener.ts'
import { replaceFile } from '../replace-file.ts'

export interface RenewedCertificates {
  readonly tls: PublicTls
  /** Envoy reads the files again when anything is moved in here. */
  readonly directory: string
  readonly say: (line: string) => void
  readonly everyMs?: number
}

const SAY_DAYS_BEFORE = 14
const DAY_MS = 24 * 60 * 60 * 1_000

/**
 * Informs Envoy of renewed certificates, however their files were renewed: moved into place,
 * written over, or by another link (certbot), which Envoy would not notice by itself. New
 * connections get the new certificate, open ones go on.
 */
export function followCertificates({ tls, directory, say, everyMs = 5_000 }: RenewedCertificates): {
  stop(): void
} {
  let known = stampOf(tls)
  let complaint = ''
  sayEnd(tls.certFile, say)
  const timer = setInterval(() => {
    try {
      const stamp = stampOf(tls)
      if (stamp === known) return
      // Half of a new pair, or none: what was there before stays in force until both are. It is
      // looked at again, because rights that are given to a file do not change its stamp.
      checkCertificates(tls)
      replaceFile(path.join(directory, 'renewed'), stamp)
      known = stamp
      complaint = ''
      say(`tls.certFile: renewed, good until ${new Date(firstEndMs(tls.certFile)).toISOString()}`)
    } catch (error) {
      const why = error instanceof Error ? error.message : 'unknown error'
      if (why !== complaint) say(`warning: the certificate before stays in force: ${why}`)
      complaint = why
    }
  }, everyMs)
  timer.unref()
  return { stop: () => clearInterval(timer) }
}

function sayEnd(file: string, say: (line: string) => void): void {
  const endMs = firstEndMs(file)
  if (endMs > Date.now() + SAY_DAYS_BEFORE * DAY_MS) return
  say(`warning: tls.certFile is good until ${new Date(endMs).toISOString()} only: renew it`)
}

function stampOf({ certFile, keyFile, clientCaFile }: PublicTls): string {
  const files = [certFile, keyFile, ...(clientCaFile === null ? [] : [clientCaFile])]
  return files
    .map((file) => {
      const { mtimeMs, ino, size } = fs.statSync(file, { throwIfNoEntry: false }) ?? {}
      return `${mtimeMs} ${ino} ${size}`
    })
    .join()
}
