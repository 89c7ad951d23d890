import { once } from 'node:events'
import net from 'node:net'
import { expect, test } from 'vitest'
import { stubApi } from './stub-api.ts'

test('an API that stops does not wait for connections that never asked anything', async () => {
  const api = stubApi()
  const url = new URL(await api.listen({ host: '127.0.0.1', port: 0 }))
  const silent = net.connect(Number(url.port), url.hostname)
  const ended = once(silent, 'close')
  await once(silent, 'connect')
  // The server has it when it has answered one that came later.
  expect((await fetch(new URL('/healthz', url))).status).toBe(200)
  await api.close()
  await ended
}, 30_000)
