import fs from 'node:fs'
import http from 'node:http'
import path from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { temporaryDirectory } from '../../test/support/temporary-directory.ts'
import { type DataPaths, dataPaths, metricsSocket } from '../config/data-paths.ts'
import { gauge } from '../metrics/metric.ts'
import { serveMetrics } from '../metrics/serve-metrics.ts'
import { createPartsHere } from './parts-here.ts'

let paths: DataPaths
beforeEach(() => {
  paths = dataPaths(temporaryDirectory())
  for (const directory of [paths.socketDirectory, paths.logs])
    fs.mkdirSync(directory, { recursive: true })
})

const look = async (storeAnswers = async () => true) => {
  const { parts, ...rest } = await createPartsHere({ paths, storeAnswers }).look()
  return { ...rest, of: Object.fromEntries(parts.map(({ part, ...rest }) => [part, rest])) }
}

test('of what never ran on this machine nothing is known', async () => {
  const { of, backlog, envoyVersion } = await look()
  expect(envoyVersion).toBeNull()
  for (const part of ['gate', 'observer', 'delivery', 'contentStore', 'envoyAccessLog'])
    expect(of[part], part).toEqual({ state: 'unknown', since: null, lastActivityAt: null })
  expect(of['store']?.state).toBe('up')
  expect(new Set(Object.values(backlog))).toEqual(new Set([null]))
})

test('what answers is up since its process started, and what waits is what delivery says', async () => {
  const served = await serveMetrics(metricsSocket(paths, 'delivery'), null, [
    gauge('flint_delivery_backlog_bytes', 'x', () => 4_096),
    gauge('flint_delivery_oldest_segment_timestamp_seconds', 'x', () => 1_767_225_600.5),
    gauge('flint_content_waiting', 'x', () => 1),
  ])
  try {
    const { of, backlog } = await look()
    const startedAtMs = Date.now() - process.uptime() * 1_000
    expect(of['delivery']?.state).toBe('up')
    expect(Math.abs(Date.parse(of['delivery']?.since ?? '') - startedAtMs)).toBeLessThan(2_000)
    expect(of['contentStore']?.state).toBe('down')
    expect(backlog).toEqual({
      evidenceBytes: 4_096,
      oldestEvidenceAt: '2026-01-01T00:00:00.500Z',
      ...{ promptBytes: null, quarantineBytes: null, deadLetters: null },
    })
  } finally {
    served.close()
  }
})

test('a role that left its socket behind is down, one that ended in order is not here', async () => {
  fs.writeFileSync(metricsSocket(paths, 'gate'), '')
  const served = await serveMetrics(metricsSocket(paths, 'observer'), null, [])
  served.close()
  const { of } = await look()
  expect([of['gate']?.state, of['observer']?.state]).toEqual(['down', 'unknown'])
})

test('Envoy’s log is up while its Envoy answers, with the time of its last line', async () => {
  fs.writeFileSync(paths.accessLog, '{}\n')
  const at = new Date('2026-05-04T14:22:01.000Z')
  fs.utimesSync(paths.accessLog, at, at)
  const envoy = http.createServer((_request, response) => response.end('LIVE'))
  await new Promise<void>((resolve) => envoy.listen(paths.sockets.envoyAdmin, resolve))
  expect((await look()).of['envoyAccessLog']).toEqual({
    ...{ state: 'up', since: null, lastActivityAt: at.toISOString() },
  })
  await new Promise((resolve) => envoy.close(resolve))
  fs.writeFileSync(path.join(paths.sockets.envoyAdmin), '')
  expect((await look()).of['envoyAccessLog']).toMatchObject({ state: 'down' })
})

test('a store that refuses or hangs is down', async () => {
  expect((await look(() => Promise.reject(new Error('away')))).of['store']?.state).toBe('down')
  expect((await look(() => new Promise(() => {}))).of['store']?.state).toBe('down')
})
