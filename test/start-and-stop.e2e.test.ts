import { spawn } from 'node:child_process'
import fs from 'node:fs'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { boundLogs } from '../src/supervisor/bounded-logs.ts'
import {
  cleanEnvironment,
  freePort,
  isAlive,
  MAIN,
  PROJECT,
  runCli,
  startFlint,
} from './support/flint.ts'
import { PROVIDER_KEY } from './support/provider-key.ts'
import { startScriptedProvider } from './support/scripted-provider.ts'
import { temporaryDirectory } from './support/temporary-directory.ts'
import { until } from './support/until.ts'

const ROLES = ['clickhouse', 'delivery', 'observer', 'gate', 'api', 'envoy']

/** Runs `flint` to its end; for starts that must fail. */
function failingStart(
  env: Readonly<Record<string, string>>,
  cwd = temporaryDirectory(),
): Promise<{ code: number | null; output: string; tookMs: number }> {
  return new Promise((resolve) => {
    const startedAt = performance.now()
    const all = { ...cleanEnvironment(), FLINT_DATA_DIR: path.join(cwd, 'data'), ...env }
    const child = spawn(process.execPath, [MAIN, 'up'], {
      cwd,
      // An empty one does not count: what the machine sets may be taken away.
      env: Object.fromEntries(Object.entries(all).filter(([, value]) => value !== '')),
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (chunk: string) => {
        output += chunk
      })
    }
    const patience = setTimeout(() => child.kill('SIGTERM'), 30_000)
    child.once('exit', (code) => {
      clearTimeout(patience)
      resolve({ code, output, tookMs: performance.now() - startedAt })
    })
  })
}

describe('a start that cannot work says which setting to change, before anything is downloaded', () => {
  test('a busy port', async () => {
    const server = net.createServer()
    const port = await freePort()
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
    // An empty cache and a pip that would be noticed: nothing may be fetched for a start that
    // cannot work.
    const cache = temporaryDirectory()
    const { code, output } = await failingStart({ FLINT_PORT: String(port), XDG_CACHE_HOME: cache })
    server.close()
    expect([code, output]).toEqual([
      1,
      expect.stringMatching(new RegExp(`127.0.0.1:${port} is in use.*FLINT_PORT`)),
    ])
    expect(fs.readdirSync(cache)).toEqual([])
  })

  test('an unknown setting, a wrong value, a file that is not there', async () => {
    expect(await failingStart({ FLINT_PROT: '8081' })).toMatchObject({
      code: 1,
      output: expect.stringContaining('FLINT_PROT is not a setting'),
    })
    expect(await failingStart({ FLINT_HOST: 'localhost' })).toMatchObject({
      code: 1,
      output: expect.stringContaining('FLINT_HOST'),
    })
    expect(await failingStart({ FLINT_HOST: '0.0.0.0' })).toMatchObject({
      code: 1,
      output: expect.stringMatching(/FLINT_TLS_CERT_FILE.*FLINT_BEHIND_TLS/),
    })
    expect(
      await failingStart({
        FLINT_TLS_CERT_FILE: '/nowhere/cert',
        FLINT_TLS_KEY_FILE: '/nowhere/key',
      }),
    ).toMatchObject({
      code: 1,
      output: expect.stringContaining('FLINT_TLS_CERT_FILE'),
    })
    expect(await failingStart({ FLINT_BOOTSTRAP_KEY: 'mysecretkey123456' })).toMatchObject({
      code: 1,
      output: expect.stringMatching(/^(?!.*mysecretkey).*FLINT_BOOTSTRAP_KEY/s),
    })
    expect(await failingStart({ FLINT_PORT: '99999' })).toMatchObject({
      code: 1,
      output: expect.stringContaining('FLINT_PORT'),
    })
    expect(await failingStart({ FLINT_KEY_PEPPER_FILE: '/nowhere/pepper' })).toMatchObject({
      code: 1,
      output: expect.stringContaining('FLINT_KEY_PEPPER_FILE'),
    })
    expect(await failingStart({ FLINT_PROVIDERS_OPENAI_UPSTREAM: 'api.openai.com' })).toMatchObject(
      {
        code: 1,
        output: expect.stringContaining('FLINT_PROVIDERS_OPENAI_UPSTREAM'),
      },
    )
    const folder = temporaryDirectory()
    fs.writeFileSync(path.join(folder, 'flint.yaml'), 'port: 8080\nprovders: {}\n')
    expect(await failingStart({}, folder)).toMatchObject({
      code: 1,
      output: expect.stringContaining('provders'),
    })
  })

  test('no Envoy to be had', async () => {
    const port = String(await freePort())
    expect(
      await failingStart({ FLINT_PORT: port, FLINT_ENVOY_PATH: '/nowhere/envoy' }),
    ).toMatchObject({
      code: 1,
      output: expect.stringContaining('FLINT_ENVOY_PATH'),
    })
    // No Envoy on PATH, none in the cache, no Python to fetch one.
    const bare = await failingStart({
      FLINT_PORT: port,
      FLINT_ENVOY_PATH: '',
      PATH: '/nowhere',
      XDG_CACHE_HOME: temporaryDirectory(),
    })
    expect(bare).toMatchObject({
      code: 1,
      output: expect.stringMatching(/neither is Python.*FLINT_ENVOY_PATH/),
    })
    // Nowhere to keep it: said before 37 MB are fetched.
    const file = path.join(temporaryDirectory(), 'file')
    fs.writeFileSync(file, '')
    const unkept = await failingStart({
      FLINT_PORT: port,
      FLINT_ENVOY_PATH: '',
      PATH: withoutEnvoy(),
      XDG_CACHE_HOME: file,
    })
    expect(unkept).toMatchObject({
      code: 1,
      output: expect.stringMatching(/cannot be written.*XDG_CACHE_HOME.*FLINT_ENVOY_PATH/),
    })
    expect(unkept.output).not.toContain('getting its wheel')
  })

  test('a data directory that cannot be made', async () => {
    const folder = temporaryDirectory()
    fs.writeFileSync(path.join(folder, 'file'), '')
    expect(await failingStart({ FLINT_DATA_DIR: path.join(folder, 'file', 'data') })).toMatchObject(
      {
        code: 1,
        output: expect.stringContaining('FLINT_DATA_DIR'),
      },
    )
  })
})

/** The directories of PATH that hold no Envoy. */
function withoutEnvoy(): string {
  const directories = (process.env['PATH'] ?? '').split(path.delimiter)
  return directories
    .filter((directory) => !fs.existsSync(path.join(directory, 'envoy')))
    .join(path.delimiter)
}

describe('a Flint that runs', () => {
  test('starts with little priority, a long data directory, and providers whose names do not resolve', async () => {
    const dataDir = path.join(temporaryDirectory(), 'd'.repeat(180))
    fs.mkdirSync(dataDir)
    const flint = await startFlint({
      dataDir,
      through: ['nice', '-n', '10'],
      upstream: 'https://no-such-provider.invalid',
    })
    try {
      const lowered = (by: number) => Math.min(os.getPriority(flint.pid('gate')) + by, 19)
      expect([
        os.getPriority(flint.pid('observer')),
        os.getPriority(flint.pid('delivery')),
      ]).toEqual([lowered(2), lowered(5)])
      const headers = {
        authorization: `Bearer ${flint.key}`,
        'x-provider-key': PROVIDER_KEY,
      }
      expect((await fetch(`${flint.baseUrl}/v1/proxy/openai/models`, { headers })).status).toBe(502)
      await until('the warning', 30_000, () =>
        /warning: DNS knows no address of no-such-provider\.invalid/.test(flint.output()),
      )
      // Another temporary folder, as a service's private one: the same Flint.
      const elsewhere = {
        FLINT_DATA_DIR: dataDir,
        FLINT_PORT: String(await freePort()),
        TMPDIR: temporaryDirectory(),
      }
      expect((await failingStart(elsewhere)).output).toMatch(/another Flint is running/)
      expect(await runCli({ ...cleanEnvironment(), ...elsewhere }, 'metrics')).toContain(
        'flint_gate_forwarded_total',
      )
    } finally {
      await flint.stop()
    }
  })

  test('keeps its data over a restart, refuses a second start, and leaves no child behind', async () => {
    const provider = await startScriptedProvider()
    const dataDir = temporaryDirectory()
    const first = await startFlint({ upstream: provider.url, dataDir })
    try {
      expect(first.output()).toContain(`${first.baseUrl}/v1/proxy/anthropic`)
      expect(first.output()).toContain(dataDir)
      const second = await failingStart({
        FLINT_DATA_DIR: dataDir,
        FLINT_PORT: String(await freePort()),
      })
      expect(second).toMatchObject({
        code: 1,
        output: expect.stringMatching(/another Flint is running.*FLINT_DATA_DIR/),
      })
      const headers = {
        authorization: `Bearer ${first.key}`,
        'x-provider-key': PROVIDER_KEY,
      }
      await (await fetch(`${first.baseUrl}/v1/proxy/openai/models`, { headers })).text()
      await first.settled(1)
    } finally {
      const pids = ROLES.map((role) => first.pid(role))
      await first.stop()
      expect(pids.filter(isAlive)).toEqual([])
    }
    const again = await startFlint({ upstream: provider.url, dataDir })
    try {
      expect(again.output()).not.toContain('flnt_live_')
      expect(await again.records()).toHaveLength(1)
    } finally {
      await again.stop()
      await provider.close()
    }
  })

  test('killed with SIGKILL takes all its children along, and the next start knows that its open calls are over', async () => {
    const provider = await startScriptedProvider()
    const called = new Promise<void>((resolve) => provider.answer(() => resolve()))
    const dataDir = temporaryDirectory()
    const flint = await startFlint({ upstream: provider.url, dataDir })
    const pids = ROLES.map((role) => flint.pid(role))
    process.kill(pids[2] ?? 0, 'SIGSTOP')
    const headers = {
      authorization: `Bearer ${flint.key}`,
      'x-provider-key': PROVIDER_KEY,
    }
    const broken = expect(
      fetch(`${flint.baseUrl}/v1/proxy/openai/models`, { headers }),
    ).rejects.toThrow()
    await called
    flint.process.kill('SIGKILL')
    await until('every child to be gone', 10_000, () => !pids.some(isAlive))
    await broken
    const again = await startFlint({ upstream: provider.url, dataDir })
    try {
      expect(await again.settled(1, {}, 60_000)).toMatchObject([
        { outcome: 'unknown', endpoint: '/v1/models' },
      ])
      expect(JSON.parse(await again.cli('losses', '--json'))).toMatchObject({ lost: 1, open: 0 })
    } finally {
      await again.stop()
      await provider.close()
    }
  })

  test('lets no second gate onto its data directory, and the first one serves on', async () => {
    const flint = await startFlint({ upstream: 'http://127.0.0.1:9' })
    try {
      await expect(flint.cli('gate')).rejects.toThrow(
        /another Flint is running on .*gate.*FLINT_DATA_DIR/,
      )
      const answer = await fetch(`${flint.baseUrl}/v1/proxy/openai/models`, {
        headers: { authorization: `Bearer ${flint.key}` },
      })
      expect(answer.status).toBe(400)
    } finally {
      await flint.stop()
    }
  })

  test('brings a gate back within seconds while ClickHouse hangs: keys are known from the copy', async () => {
    const flint = await startFlint({ upstream: 'http://127.0.0.1:9' })
    const clickhouse = flint.pid('clickhouse')
    try {
      process.kill(clickhouse, 'SIGSTOP')
      const gate = flint.pid('gate')
      process.kill(gate, 'SIGKILL')
      const headers = { authorization: `Bearer ${flint.key}` }
      // 400: the key is known, and only the provider's is missing.
      await until(
        'the gate to know the key again',
        6_000,
        async () =>
          (await fetch(`${flint.baseUrl}/v1/proxy/openai/models`, { headers })).status === 400,
      )
    } finally {
      process.kill(clickhouse, 'SIGCONT')
      await flint.stop()
    }
  })

  test('keeps its logs bounded, and no call is forgotten when Envoy’s own log is rotated', async () => {
    const provider = await startScriptedProvider()
    const flint = await startFlint({ upstream: provider.url })
    try {
      const call = () =>
        fetch(`${flint.baseUrl}/v1/proxy/openai/models`, {
          headers: {
            authorization: `Bearer ${flint.key}`,
            'x-provider-key': PROVIDER_KEY,
          },
        })
      await (await call()).text()
      const logs = path.join(flint.dataDir, 'logs')
      const accessLog = path.join(logs, 'envoy-access.ndjson')
      await until('the line of the call', 5_000, () =>
        fs.readFileSync(accessLog, 'utf8').includes('/v1/models'),
      )
      await boundLogs({
        logDirectory: logs,
        maxLogBytes: 10,
        accessLog,
        maxAccessLogBytes: 10,
        accessLogOffsetFile: path.join(flint.dataDir, 'run', 'access-log-offset.json'),
        adminSocket: path.join(flint.dataDir, 'run', 'envoy-admin.sock'),
      })
      expect(fs.statSync(path.join(logs, 'gate.log')).size).toBe(0)
      expect(fs.readFileSync(`${accessLog}.1`, 'utf8')).toContain('/v1/models')
      await (await call()).text()
      await until(
        'a line in the new log',
        5_000,
        () => fs.existsSync(accessLog) && fs.readFileSync(accessLog, 'utf8').includes('/v1/models'),
      )
      await until(
        'both lines compared',
        15_000,
        async () =>
          ((await flint.metrics()).get('flint_access_log_lines_total') ?? 0) >= 2 &&
          (await flint.records()).length === 2,
      )
    } finally {
      await flint.stop()
      await provider.close()
    }
  })

  test('brings back each part that dies', async () => {
    const flint = await startFlint({ upstream: 'http://127.0.0.1:9' })
    try {
      for (const role of ROLES) {
        const before = flint.pid(role)
        process.kill(before, 'SIGKILL')
        await until(
          `${role} to be back`,
          15_000,
          () =>
            fs.existsSync(path.join(flint.dataDir, 'run', `${role}.pid`)) &&
            flint.pid(role) !== before,
        )
      }
      await until(
        'readyz',
        20_000,
        async () => (await fetch(`${flint.baseUrl}/readyz`).catch(() => null))?.status === 200,
      )
    } finally {
      await flint.stop()
    }
  })

  test('with --demo makes calls through the real SDKs, prints one record for each, and goes on', async () => {
    const flint = await startFlint({ args: ['--demo'] })
    try {
      await until('the demo', 60_000, () => /demo: \d+ calls, \d+ records/.test(flint.output()))
      const [, calls, records] = /demo: (\d+) calls, (\d+) records/.exec(flint.output()) ?? []
      expect(records).toBe(calls)
      expect(flint.output()).toMatch(/anthropic.*\/v1\/messages.*complete/)
      expect((await fetch(`${flint.baseUrl}/readyz`)).status).toBe(200)
      const refused = ['complete 401', 'complete 429', 'rejected 400']
      const wanted = [...refused, 'complete 200', 'client_aborted 200']
      await until('each way a call can end', 60_000, async () => {
        const seen = (await flint.records()).map(({ outcome, status }) => `${outcome} ${status}`)
        return wanted.every((way) => seen.includes(way))
      })
    } finally {
      await flint.stop()
    }
  })
})

describe('the rendered Envoy configuration', () => {
  test.each([
    ['the real providers over TLS', {}],
    [
      'http upstreams',
      {
        FLINT_PROVIDERS_OPENAI_UPSTREAM: 'http://127.0.0.1:9100',
        FLINT_PROVIDERS_GEMINI_UPSTREAM: 'http://[::1]:9100',
      },
    ],
  ])('is accepted by Envoy for %s', async (_what, env) => {
    const folder = temporaryDirectory()
    const environment = { ...cleanEnvironment(), FLINT_DATA_DIR: folder, ...env }
    const run = (command: string, args: readonly string[]) =>
      new Promise<string>((resolve, reject) => {
        const child = spawn(command, args, { env: environment, stdio: ['ignore', 'pipe', 'pipe'] })
        let output = ''
        for (const stream of [child.stdout, child.stderr]) {
          stream.setEncoding('utf8').on('data', (chunk: string) => {
            output += chunk
          })
        }
        child.once('exit', (code) => (code === 0 ? resolve(output) : reject(new Error(output))))
      })
    const file = path.join(folder, 'envoy.yaml')
    fs.writeFileSync(file, await run(process.execPath, [MAIN, 'envoy', 'config']))
    const envoy =
      (await run(process.execPath, [MAIN, 'envoy', 'path'])).trim().split('\n').at(-1) ?? ''
    expect(await run(envoy, ['--mode', 'validate', '-c', file])).toContain('OK')
    if (Object.keys(env).length === 0)
      expect(fs.readFileSync(file, 'utf8')).toMatch(
        /sni: api\.openai\.com[\s\S]*exact: api\.openai\.com/,
      )
  })
})

describe('npm start', () => {
  /**
   * The project's own script beside a program that says when it runs and when it is asked to stop.
   */
  function projectWith(files: Readonly<Record<string, string>>): string {
    const folder = temporaryDirectory()
    fs.copyFileSync(path.join(PROJECT, 'package.json'), path.join(folder, 'package.json'))
    for (const [name, content] of Object.entries(files)) {
      fs.mkdirSync(path.dirname(path.join(folder, name)), { recursive: true })
      fs.writeFileSync(path.join(folder, name), content)
    }
    return folder
  }
  function npmStart(cwd: string, ...args: string[]) {
    const child = spawn('npm', ['start', '--silent', ...args], {
      cwd,
      env: withoutTypeScript(),
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (chunk: string) => {
        output += chunk
      })
    const exit = new Promise<number | null>((resolve) => child.once('close', resolve))
    return { child, exit, output: () => output }
  }
  /** npm puts every node_modules/.bin above it on PATH; none of them counts here. */
  function withoutTypeScript(): NodeJS.ProcessEnv {
    const directories = (process.env['PATH'] ?? '').split(path.delimiter)
    const PATH = directories
      .filter((directory) => !fs.existsSync(path.join(directory, 'tsc')))
      .join(path.delimiter)
    return { ...process.env, PATH }
  }

  test('passes SIGTERM on and ends with Flint, also without dev dependencies where it is built', async () => {
    const program = `process.on('SIGTERM', () => { console.log('stopping'); process.exit(0) })
      setInterval(() => {}, 1000)
      console.log('started', process.pid, ...process.argv.slice(2))`
    const { child, exit, output } = npmStart(
      projectWith({ 'dist/flint/main.js': program }),
      '--',
      '--demo',
    )
    await until('the start', 30_000, () => output().includes('started'))
    expect(output()).toMatch(/started \d+ up --demo/)
    child.kill('SIGTERM')
    await exit
    expect(output()).toContain('stopping')
    expect(isAlive(Number(/started (\d+)/.exec(output())?.[1]))).toBe(false)
  })

  test('says what is missing where nothing is built and the compiler is not there', async () => {
    const { exit, output } = npmStart(projectWith({}))
    expect(await exit).not.toBe(0)
    expect(output()).toMatch(/TypeScript is missing.*npm ci --include=dev/)
  })
})
