import { execFile, spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { PROMETHEUS_FOLDER, queriesOf, readBoard } from './support/monitoring-files.ts'
import { temporaryDirectory } from './support/temporary-directory.ts'

const promtool = process.env['FLINT_PROMTOOL_PATH'] ?? 'promtool'
const isThere = spawnSync(promtool, ['--version']).status === 0
if (!isThere)
  console.warn(
    'rules of Prometheus are not checked: no `promtool` on PATH and none at FLINT_PROMTOOL_PATH (Debian: apt-get install prometheus)',
  )

/** Its exit code, and what it says. */
const run = (...args: readonly string[]) =>
  new Promise<readonly [code: number, output: string]>((resolve) => {
    const child = execFile(promtool, args, (_error, stdout, stderr) =>
      resolve([child.exitCode ?? 1, stdout + stderr]),
    )
  })

const inFolder = (name: string) => path.join(PROMETHEUS_FOLDER, name)

describe.skipIf(!isThere)('promtool', () => {
  test('takes the rules, and the configuration that scrapes the parts', async () => {
    expect(await run('check', 'rules', inFolder('flint.rules.yml'))).toEqual([
      0,
      expect.stringContaining('SUCCESS'),
    ])
    expect(await run('check', 'config', inFolder('prometheus.yml'))).toEqual([
      0,
      expect.stringContaining('1 rule files found'),
    ])
  })

  test('sees each alert fire on what it is for and stay quiet else', async () => {
    expect(await run('test', 'rules', inFolder('flint.rules.test.yml'))).toEqual([
      0,
      expect.stringContaining('SUCCESS'),
    ])
  })

  test('sees a threshold that was moved', async () => {
    const folder = temporaryDirectory()
    fs.cpSync(PROMETHEUS_FOLDER, folder, { recursive: true })
    const rules = path.join(folder, 'flint.rules.yml')
    const moved = fs.readFileSync(rules, 'utf8').replace('> 0.025', '> 0.2')
    fs.writeFileSync(rules, moved)
    expect(await run('test', 'rules', path.join(folder, 'flint.rules.test.yml'))).toEqual([
      1,
      expect.stringContaining('FlintGateSlow'),
    ])
  })

  test('can read every query of the dashboard', async () => {
    const rules = queriesOf(readBoard()).map((query, at) => ({
      record: `panel:query${at}`,
      expr: query.replaceAll(/\$__(rate_interval|range)/g, '5m'),
    }))
    const file = path.join(temporaryDirectory(), 'queries.json')
    fs.writeFileSync(file, JSON.stringify({ groups: [{ name: 'dashboard', rules }] }))
    expect(await run('check', 'rules', file)).toEqual([
      0,
      expect.stringContaining(`${rules.length} rules found`),
    ])
  })
})
