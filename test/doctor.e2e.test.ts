import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Finding } from '../src/doctor/finding.ts'
import { cleanEnvironment, runCli } from './support/flint.ts'
import { temporaryDirectory } from './support/temporary-directory.ts'
import { useFlint } from './support/use-flint.ts'

const flint = useFlint()
const doctor = async (...args: string[]) =>
  JSON.parse(await flint.cli('doctor', '--json', ...args)) as Finding[]
const of = (findings: readonly Finding[], check: string) =>
  findings.find((finding) => finding.check === check)

describe('flint doctor', () => {
  test('finds nothing wrong with a Flint that runs, and has looked at all of it', async () => {
    const findings = await doctor()
    expect(findings.filter(({ verdict }) => verdict === 'problem')).toEqual([])
    for (const check of [
      ...['configuration', 'disk.space', 'disk.private', 'open_files', 'envoy.version'],
      ...['envoy.order', 'envoy.observability_mode', 'envoy.allowed_headers', 'envoy.retries'],
      ...['role.gate', 'role.observer', 'role.delivery', 'backlog', 'clickhouse.version'],
      ...['clickhouse.tables', 'clickhouse.durable', 'clock', 'pepper', 'content_store'],
    ])
      expect([check, of(findings, check)?.verdict]).toEqual([check, 'ok'])
  })

  test('prints a table for people', async () => {
    expect(await flint.cli('doctor')).toMatch(/envoy\.order.*\n[\s\S]*0 problems, \d+ warnings/)
  })

  test('says that no Envoy answers where none does', async () => {
    expect(
      of(await doctor('--envoy-admin', 'http://127.0.0.1:1'), 'envoy.reachable'),
    ).toMatchObject({
      verdict: 'unknown',
      advice: expect.stringContaining('--envoy-admin'),
    })
  })

  test('fails, and names the setting, where flint.yaml is wrong', async () => {
    const file = path.join(flint.dataDir, 'wrong.yaml')
    fs.writeFileSync(file, 'port: many\n')
    await expect(
      runCli({ ...cleanEnvironment(), FLINT_CONFIG: file }, 'doctor', '--json'),
    ).rejects.toThrow(/port/)
  })

  test('makes nothing where no Flint has run', async () => {
    const folder = path.join(os.tmpdir(), `flint-test-absent-${process.pid}`)
    const findings = JSON.parse(
      await runCli({ ...cleanEnvironment(), FLINT_DATA_DIR: folder }, 'doctor', '--json'),
    ) as Finding[]
    expect(of(findings, 'disk')).toMatchObject({ verdict: 'unknown' })
    expect(fs.existsSync(folder)).toBe(false)
  })

  test('makes nothing in a data directory that is empty, such as a new volume', async () => {
    const folder = temporaryDirectory()
    const findings = JSON.parse(
      await runCli({ ...cleanEnvironment(), FLINT_DATA_DIR: folder }, 'doctor', '--json'),
    ) as Finding[]
    expect(of(findings, 'clickhouse.reachable')).toMatchObject({ verdict: 'unknown' })
    expect(fs.readdirSync(folder)).toEqual([])
  })

  test('fails where callers would send their keys in plain HTTP, as a start would', async () => {
    await expect(
      runCli({ ...cleanEnvironment(), FLINT_HOST: '0.0.0.0' }, 'doctor', '--json'),
    ).rejects.toThrow(/FLINT_BEHIND_TLS/)
  })
})
