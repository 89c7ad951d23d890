import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync, readlinkSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { temporaryDirectory } from '../../../test/support/temporary-directory.ts'
import { until } from '../../../test/support/until.ts'
import { createStoreClient } from '../client/client.ts'
import { migrate } from '../client/migrate.ts'
import { type EmbeddedClickHouse, prepareEmbedded, startEmbeddedClickHouse } from './clickhouse.ts'
import { embeddedEndpoint, type StoreEndpoint } from './credentials.ts'

const dir = temporaryDirectory()
const running: EmbeddedClickHouse[] = []
afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.stop()))
})

async function start(): Promise<EmbeddedClickHouse> {
  const server = await startEmbeddedClickHouse({ dir })
  running.push(server)
  return server
}

function ask({ url, username, password, headers }: StoreEndpoint, sql: string): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    body: sql,
    headers: { ...headers, 'X-ClickHouse-User': username, 'X-ClickHouse-Key': password },
  })
}

describe('the embedded ClickHouse', () => {
  test('keeps what it confirmed through SIGKILL; its secrets are new at each start', async () => {
    const first = await start()
    const client = createStoreClient(first)
    await migrate({ client })
    await client.run({
      tag: 'test',
      sql: "INSERT INTO organisations SELECT 'org_1', 'One', now64(3), 1",
    })
    await client.close()
    process.kill(first.pid, 'SIGKILL')
    await gone(first.pid)

    const second = await start()
    expect(second.password).not.toBe(first.password)
    expect(second.headers).not.toEqual(first.headers)
    const again = createStoreClient(second)
    expect(await again.rows({ tag: 'test', sql: 'SELECT id FROM organisations' })).toEqual([
      { id: 'org_1' },
    ])
    await again.close()
  })

  test('answers no one without the secret header, not even the passwordless user it cannot do without', async () => {
    const server = await start()
    expect((await ask({ ...server, headers: {} }, 'SELECT 1')).status).toBe(404)
    expect(
      (await ask({ ...server, headers: {}, username: 'default', password: '' }, 'SELECT 1')).status,
    ).toBe(404)
    expect(
      (await ask({ ...server, headers: { 'X-Flint-Gate': 'guess' } }, 'SELECT 1')).status,
    ).toBe(404)
    expect((await ask({ ...server, password: 'guess' }, 'SELECT 1')).status).toBe(403)
    expect(
      (
        await ask(
          { ...server, username: 'default', password: '' },
          'SELECT * FROM flint.organisations',
        )
      ).status,
    ).not.toBe(200)
  })

  test('reads no file outside of its folder, by whatever function', async ({ skip }) => {
    const server = await start()
    // Linux before 5.13, or one with Landlock switched off: the server says so, and
    // docs/security.md.
    const threads = readdirSync(`/proc/${server.pid}/task`).map((id) =>
      readFileSync(`/proc/${server.pid}/task/${id}/status`, 'utf8'),
    )
    skip(
      !threads.some((status) => status.includes('NoNewPrivs:\t1')),
      'this kernel has no Landlock',
    )
    const outside = join(dir, '..', `flint-outside-${process.pid}`)
    writeFileSync(outside, 'the pepper of this installation')
    try {
      for (const file of [
        outside,
        '/etc/passwd',
        '/etc/hostname',
        `/proc/${process.pid}/environ`,
      ]) {
        const answer = await ask(server, `SELECT file('${file}')`)
        expect([file, answer.status]).not.toEqual([file, 200])
        expect(await answer.text()).not.toContain('pepper')
      }
      // Its own folder it must read; that is where statements get to, and no further.
      expect(
        (await ask(server, `SELECT length(file('${join(dir, 'users.xml')}')) > 0`)).status,
      ).toBe(200)
    } finally {
      rmSync(outside)
    }
  })

  test.each([
    'CREATE DICTIONARY flint.d (a UInt64) PRIMARY KEY a SOURCE(EXECUTABLE(COMMAND id FORMAT TSV)) LAYOUT(FLAT()) LIFETIME(1)',
    "SELECT * FROM url('http://127.0.0.1:1/', CSV, 'a Int8')",
    "SELECT * FROM file('/etc/passwd', CSV, 'a String')",
    'CREATE USER someone',
    'SELECT * FROM system.users',
  ])('does not give its user more than it needs: %s', async (sql) => {
    const answer = await ask(await start(), sql)
    expect(answer.status).not.toBe(200)
    expect(answer.headers.get('x-clickhouse-exception-code')).toMatch(/^(497|495|514)$/)
  })

  test('writes its secrets for the owner only, listens on loopback only and keeps no logs of itself', async () => {
    const server = await start()
    for (const file of readdirSync(dir).filter((name) => /\.(json|xml)$/.test(name)))
      expect(statSync(join(dir, file)).mode & 0o777, file).toBe(0o600)
    expect(listeners(server.pid)).toEqual([`127.0.0.1:${new URL(server.url).port}`])
    const client = createStoreClient({ ...server, database: 'system' })
    expect(
      await client.rows({
        tag: 'test',
        sql: "SELECT name FROM system.tables WHERE database = 'system' AND name LIKE '%\\\\_log'",
      }),
    ).toEqual([])
    await client.close()
    expect(embeddedEndpoint(dir)).toMatchObject({ url: server.url, password: server.password })
  })

  test('refuses to start twice in one folder and leaves the first one alone', async () => {
    const first = await start()
    await expect(startEmbeddedClickHouse({ dir })).rejects.toThrow('already running')
    expect(embeddedEndpoint(dir)?.url).toBe(first.url)
    expect((await ask(first, 'SELECT 1')).status).toBe(200)
  })

  test('leaves a port that somebody else has taken to them, and never speaks to them', async () => {
    const heard: string[] = []
    const stranger = createServer((socket) =>
      socket.on('data', (bytes) => heard.push(String(bytes))).on('error', () => {}),
    )
    await new Promise<void>((resolve) => stranger.listen(0, '127.0.0.1', resolve))
    const { port } = stranger.address() as AddressInfo
    const server = await startEmbeddedClickHouse({ dir, port })
    running.push(server)
    const client = createStoreClient(server)
    await migrate({ client })
    await client.close()
    expect(heard).toEqual([])
    stranger.close()
  })

  test('a process that takes its port while it is down hears no secret, and is not believed', async () => {
    const server = await start()
    const client = createStoreClient(server)
    process.kill(server.pid, 'SIGKILL')
    await gone(server.pid)
    const heard: string[] = []
    // Answers everything with the empty success that a statement without rows has.
    const stranger = createServer((socket) => {
      socket.on('error', () => {})
      socket.on('data', (bytes) => {
        heard.push(String(bytes))
        socket.end('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n')
      })
    })
    const port = Number(new URL(server.url).port)
    // The engine's threads end a moment after their process.
    await until(
      'the port to be free',
      15_000,
      () =>
        new Promise((resolve) => {
          const failed = () => resolve(false)
          stranger.once('error', failed).listen(port, '127.0.0.1', () => resolve(true))
        }),
    )
    expect(await client.ping()).toBe(false)
    await expect(client.run({ tag: 'test', sql: 'SELECT 1' })).rejects.toMatchObject({
      retryable: true,
    })
    await client.close()
    expect(heard.join()).not.toContain(server.password)
    expect(heard).toEqual([])
    stranger.close()
  })

  test('its socket is for the owner alone', async () => {
    const { socketPath = '' } = await start()
    expect(statSync(socketPath).mode & 0o777).toBe(0o600)
  })

  test('ends when its parent is killed, but not by Ctrl-C', async () => {
    const port = Number(new URL((await start()).url).port)
    await Promise.all(running.splice(0).map((server) => server.stop()))
    const { command, args, ...endpoint } = prepareEmbedded({ dir, port })
    // A parent of its own, which holds the server's stdin and dies without a message.
    const script = `const c = require('node:child_process').spawn(process.argv[1], process.argv.slice(2), { stdio: ['pipe', 'ignore', 'ignore'] }); console.log(c.pid)`
    const parent = spawn(process.execPath, ['-e', script, command, ...args], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    const [line] = await once(parent.stdout, 'data')
    const pid = Number(String(line))
    await until('the server to answer', 15_000, () =>
      ask(endpoint, 'SELECT 1').then(
        (answer) => answer.ok,
        () => false,
      ),
    )
    process.kill(pid, 'SIGINT')
    process.kill(pid, 'SIGTERM')
    expect((await ask(endpoint, 'SELECT 1')).status).toBe(200)
    parent.kill('SIGKILL')
    await gone(pid)
  })
})

/** Addresses of a process's listening TCP sockets. */
function listeners(pid: number): readonly string[] {
  const inodes = new Set(
    readdirSync(`/proc/${pid}/fd`).flatMap(
      (fd) => /^socket:\[(\d+)\]$/.exec(link(`/proc/${pid}/fd/${fd}`))?.[1] ?? [],
    ),
  )
  return ['tcp', 'tcp6'].flatMap((table) =>
    readFileSync(`/proc/${pid}/net/${table}`, 'utf8')
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      .filter((fields) => fields[3] === '0A' && inodes.has(fields[9] ?? ''))
      .map((fields) => readableAddress(fields[1] ?? '')),
  )
}

function readableAddress(hex: string): string {
  const [address = '', port = ''] = hex.split(':')
  const bytes = address.match(/../g)?.reverse() ?? []
  return `${bytes.map((byte) => Number.parseInt(byte, 16)).join('.')}:${Number.parseInt(port, 16)}`
}

function link(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    return ''
  }
}

async function gone(pid: number): Promise<void> {
  await until(`process ${pid} to be gone`, 15_000, () => {
    try {
      process.kill(pid, 0)
      // A killed child that no one waited for yet is gone too.
      return /\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
    } catch {
      return true
    }
  })
}
