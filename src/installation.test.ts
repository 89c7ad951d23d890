import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { loadConfig } from './config/load.ts'
import { openInstallation } from './installation.ts'

let dataDir: string
beforeEach(() => {
  dataDir = fs.mkdtempSync(path.join(os.tmpdir(), 'flint-installation-'))
})
afterEach(() => fs.rmSync(dataDir, { recursive: true, force: true }))

const open = (env: Readonly<Record<string, string>>) =>
  openInstallation(loadConfig({ FLINT_DATA_DIR: dataDir, ...env }).config)

test('a cluster needs a ClickHouse of its own, and servers are listed of a cluster alone', () => {
  expect(() => open({ FLINT_CLICKHOUSE_CLUSTER: 'flint' })).toThrow(
    /clickhouse\.cluster \(FLINT_CLICKHOUSE_CLUSTER\) needs clickhouse\.url/,
  )
  const url = { FLINT_CLICKHOUSE_URL: 'http://clickhouse:8123' }
  expect(() => open({ ...url, FLINT_CLICKHOUSE_HOSTS: '["http://a:8123"]' })).toThrow(
    /clickhouse\.hosts \(FLINT_CLICKHOUSE_HOSTS\) are servers of a cluster/,
  )
  expect(open({ ...url, FLINT_CLICKHOUSE_CLUSTER: 'flint' }).config.clickhouse.cluster).toBe(
    'flint',
  )
})
