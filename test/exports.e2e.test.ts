import fs from 'node:fs'
import http from 'node:http'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { putManyCalls } from './support/many-calls.ts'
import { startS3Server } from './support/s3-server.ts'
import { temporaryDirectory } from './support/temporary-directory.ts'
import { until } from './support/until.ts'
import { useFlint, useServer } from './support/use-flint.ts'

const COUNT = 120_000
/** Of text per record, so that the file is larger than all buffers on its way together. */
const AGENT_BYTES = 1_500
const MB = 1024 * 1024

const s3 = useServer(() => startS3Server())
const flint = useFlint(() => ({
  env: {
    FLINT_S3_BUCKET: s3.bucket,
    FLINT_S3_ENDPOINT: s3.endpoint,
    FLINT_S3_REGION: s3.region,
    FLINT_S3_ACCESS_KEY_ID: s3.accessKeyId,
    FLINT_S3_SECRET_ACCESS_KEY: s3.secretAccessKey,
  },
}))

const putCalls = () => putManyCalls(flint, { count: COUNT, agentBytes: AGENT_BYTES })

interface Download {
  readonly rows: number
  readonly bytes: number
  readonly isWhole: boolean
}

/** Through Envoy. `pace` is asked after each piece: nothing more is read before it resolves. */
function download(pace: (bytes: number) => Promise<void> = async () => {}): Promise<Download> {
  return new Promise((resolve, reject) => {
    const url = `${flint.baseUrl}/v1/audit/export?format=ndjson`
    http
      .get(url, { headers: { authorization: `Bearer ${flint.key}` } }, async (answer) => {
        let bytes = 0
        let lines = 0
        try {
          for await (const part of answer) {
            bytes += part.length
            for (const byte of part as Buffer) if (byte === 10) lines += 1
            await pace(bytes)
          }
        } catch {
          // What is not whole says so.
        }
        resolve({ rows: lines, bytes, isWhole: answer.complete })
      })
      .on('error', reject)
  })
}

const residentBytes = () => {
  const status = fs.readFileSync(`/proc/${flint.pid('api')}/status`, 'utf8')
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1024
}

describe('a large export through Envoy', () => {
  test('comes whole, and the API’s memory does not grow with it', async () => {
    await putCalls()
    const before = residentBytes()
    let largest = 0
    const { rows, bytes, isWhole } = await download(async () => {
      largest = Math.max(largest, residentBytes())
    })
    expect({ rows, isWhole }).toEqual({ rows: COUNT, isWhole: true })
    expect(bytes).toBeGreaterThan(200 * MB)
    expect(largest - before).toBeLessThan(100 * MB)
  })

  test('a reader that stands still makes nothing grow, and gets the rest when it goes on', async () => {
    await putCalls()
    const running = async () => {
      const [statement] = await flint.sql<{ elapsed: number }>(
        "SELECT elapsed FROM system.processes WHERE query LIKE '%FROM calls%FORMAT JSONEachRow' AND query NOT LIKE '%system.processes%'",
      )
      return statement?.elapsed ?? 0
    }
    const before = residentBytes()
    let grown = 0
    let hasStood = false
    const { rows, isWhole } = await download(async () => {
      if (hasStood) return
      hasStood = true
      const soFar = await running()
      await until('the statement to have waited for its reader', 60_000, async () => {
        grown = Math.max(grown, residentBytes() - before)
        return (await running()) > soFar + 4
      })
    })
    expect({ rows, isWhole }).toEqual({ rows: COUNT, isWhole: true })
    expect(grown).toBeLessThan(100 * MB)
  })

  test('an API that dies in its middle breaks the download: it is not whole', async () => {
    await putCalls()
    let isKilled = false
    const { rows, isWhole } = await download(async (bytes) => {
      if (isKilled || bytes < 10 * MB) return
      isKilled = true
      process.kill(flint.pid('api'), 'SIGKILL')
    })
    expect(isWhole).toBe(false)
    expect(rows).toBeLessThan(COUNT)
    await until('the API to be back', 30_000, async () =>
      fetch(`${flint.baseUrl}/readyz`).then(
        ({ ok }) => ok,
        () => false,
      ),
    )
  })
})

describe('flint export', () => {
  test('writes a whole file or none, says how many records it has, and leaves an event', async () => {
    await putCalls()
    const directory = temporaryDirectory()
    const file = path.join(directory, 'records.csv')
    const said = await flint.cli('export', '--output', file, '--to', '2999-01-01T00:00:00Z')
    expect(said).toMatch(new RegExp(`^${COUNT} records of org_\\w+ written to ${file}\\n$`))
    const head = fs.readFileSync(file, 'utf8').slice(0, 30)
    expect(head).toBe('"requestId","provider","model"')
    expect(fs.readdirSync(directory)).toEqual(['records.csv'])
    expect(fs.statSync(file).mode & 0o777).toBe(0o600)
    const [event] = (await flint.cli('events', '--action', 'records.exported', '--json'))
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line))
    expect(event).toMatchObject({
      actor: 'cli',
      new: { format: 'csv', rows: COUNT, prompts: false, to: '2999-01-01T00:00:00.000Z' },
    })
    await expect(
      flint.cli('export', '--output', path.join(directory, 'none', 'records.csv')),
    ).rejects.toThrow()
    expect(fs.readdirSync(directory)).toEqual(['records.csv'])
  })

  test('takes the filters of the list, and names what is wrong with them', async () => {
    await putCalls()
    const directory = temporaryDirectory()
    const file = path.join(directory, 'records.ndjson')
    const ask = (...options: string[]) =>
      flint.cli('export', '--format', 'ndjson', '--output', file, ...options)
    expect(await ask('--filter', 'outcome=!complete')).toMatch(/^0 records/)
    expect(await ask('--filter', '?outcome=complete&to=2999-01-01')).toMatch(
      new RegExp(`^${COUNT} records`),
    )
    await expect(ask('--filter', 'outcome=completed')).rejects.toThrow(
      '--filter: The query parameter "outcome" must be one of',
    )
    await expect(ask('--filter', 'to=2026-01-01', '--to', '2026-02-01')).rejects.toThrow(
      '"to" is given twice',
    )
  })

  test('writes to S3 what it writes to a file', async () => {
    await putCalls()
    const file = path.join(temporaryDirectory(), 'records.parquet')
    const object = `s3://${s3.bucket}/exports/records.parquet`
    await flint.cli('export', '--format', 'parquet', '--output', file)
    expect(await flint.cli('export', '--format', 'parquet', '--output', object)).toContain(
      `${COUNT} records`,
    )
    const folder = path.join(s3.directory, s3.bucket, 'exports')
    const stored = fs.readdirSync(folder).find((name) => name.endsWith('._S3rver_object'))
    const bytes = fs.readFileSync(path.join(folder, String(stored)))
    expect(bytes.equals(fs.readFileSync(file))).toBe(true)
  })

  test('a place that cannot be is named', async () => {
    await expect(flint.cli('export', '--output', 's3://bucket')).rejects.toThrow(
      /s3:\/\/bucket\/key/,
    )
  })
})
