import fs from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { makeAuthority } from '../../test/support/authority.ts'
import { temporaryDirectory } from '../../test/support/temporary-directory.ts'
import { checkCertificates } from './check-certificates.ts'
import { checkClock, checkDisk, checkOpenFiles } from './check-machine.ts'
import { checkParts } from './check-parts.ts'

const DAY_MS = 86_400_000

test('a certificate is good, soon to be renewed, over, or not one', () => {
  const directory = temporaryDirectory()
  const { certFile: cert } = makeAuthority(directory).issue(
    'gate',
    'URI:spiffe://cluster.local/ns/flint/sa/flint',
  )
  const verdict = (file: string, afterDays: number) =>
    checkCertificates([['mesh.certFile', file]], Date.now() + afterDays * DAY_MS)[0]?.verdict
  // Thirty days long: a fifth of its life before the end it is time.
  expect([0, 25, 31].map((days) => verdict(cert, days))).toEqual(['ok', 'warning', 'problem'])
  expect(verdict(cert, -1)).toBe('problem')
  const garbage = path.join(directory, 'garbage.pem')
  fs.writeFileSync(garbage, 'no certificate')
  expect([verdict(garbage, 0), verdict(path.join(directory, 'absent.pem'), 0)]).toEqual([
    'problem',
    'problem',
  ])
})

test('a data directory that others may look into is a problem, one that is not there is not looked at', () => {
  const directory = temporaryDirectory()
  const verdictOf = (check: string) =>
    checkDisk(directory).find((finding) => finding.check === check)?.verdict
  fs.chmodSync(directory, 0o700)
  expect(verdictOf('disk.private')).toBe('ok')
  fs.chmodSync(directory, 0o755)
  expect(verdictOf('disk.private')).toBe('problem')
  expect(checkDisk(path.join(directory, 'absent'))).toMatchObject([
    { check: 'disk', verdict: 'unknown' },
  ])
})

test('few open files are a warning', () => {
  expect([1_024, 65_536].map((limit) => checkOpenFiles(limit).verdict)).toEqual(['warning', 'ok'])
})

test('clocks are apart only by what the way to ClickHouse and back cannot explain', () => {
  expect([0, 900, -40_000].map((offsetMs) => checkClock(offsetMs, 50).verdict)).toEqual([
    'ok',
    'ok',
    'problem',
  ])
  expect(checkClock(5_000, 100).verdict).toBe('warning')
  expect(checkClock(5_000, 4_500).verdict).toBe('ok')
})

test('a role that died, old evidence and refused rows are said', () => {
  const backlog = {
    evidenceBytes: 10,
    oldestEvidenceAt: '2026-05-04T14:00:00.000Z',
    quarantineBytes: 0,
    deadLetters: 2,
  }
  const parts = [
    { part: 'gate', state: 'down' },
    { part: 'observer', state: 'unknown' },
  ] as const
  const at = (minutes: number) =>
    checkParts({ parts, backlog }, Date.parse('2026-05-04T14:00:00.000Z') + minutes * 60_000).map(
      ({ verdict }) => verdict,
    )
  expect(at(0)).toEqual(['problem', 'unknown', 'ok', 'warning'])
  expect(at(5)).toEqual(['problem', 'unknown', 'warning', 'warning'])
  expect(at(90)).toEqual(['problem', 'unknown', 'problem', 'warning'])
})
