import fs from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type Certificate, makeAuthority } from '../../test/support/authority.ts'
import { temporaryDirectory } from '../../test/support/temporary-directory.ts'
import { followCertificates } from './renewed-certificates.ts'

const EVERY_MS = 1_000
let inUse: Certificate
let renewed: Certificate
let directory: string
let said: string[]
let following: { stop(): void }
beforeEach(() => {
  directory = temporaryDirectory()
  const authority = makeAuthority(path.join(directory, 'authority'))
  inUse = authority.issue('in-use', 'DNS:flint.test')
  renewed = authority.issue('renewed', 'DNS:flint.test')
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  said = []
  following = followCertificates({
    tls: { ...inUse, clientCaFile: null },
    directory,
    say: (line) => said.push(line),
    everyMs: EVERY_MS,
  })
  said.length = 0
})
afterEach(() => {
  following.stop()
  vi.useRealTimers()
})

const look = (times: number) => vi.advanceTimersByTime(times * EVERY_MS)
const isTaken = () => fs.existsSync(path.join(directory, 'renewed'))

test('half of a renewal is complained of once, and nothing is taken until the rest is there', () => {
  fs.copyFileSync(renewed.certFile, inUse.certFile)
  look(3)
  expect(said).toEqual([expect.stringContaining('warning: the certificate before stays in force')])
  expect(isTaken()).toBe(false)
  fs.copyFileSync(renewed.keyFile, inUse.keyFile)
  look(3)
  expect(isTaken()).toBe(true)
  expect(said.slice(1)).toEqual([expect.stringContaining('tls.certFile: renewed')])
})

test('a renewal is taken that can be used later, though its files look the same', () => {
  const { size } = fs.statSync(inUse.keyFile)
  const at = new Date('2026-01-01')
  fs.copyFileSync(renewed.certFile, inUse.certFile)
  fs.utimesSync(inUse.keyFile, at, at)
  look(1)
  fs.copyFileSync(renewed.keyFile, inUse.keyFile)
  fs.utimesSync(inUse.keyFile, at, at)
  expect(fs.statSync(inUse.keyFile).size).toBe(size)
  look(1)
  expect(isTaken()).toBe(true)
})

test('files that cannot be looked at are complained of once', () => {
  fs.rmSync(inUse.keyFile)
  // It leads to itself.
  fs.symlinkSync(inUse.keyFile, inUse.keyFile)
  look(3)
  expect(said).toEqual([expect.stringContaining('ELOOP')])
})
