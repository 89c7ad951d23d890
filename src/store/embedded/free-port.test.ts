import net from 'node:net'
import { expect, test } from 'vitest'
import { bindablePort, freePort } from './free-port.ts'

test('a free port is none that an outgoing connection may get', async () => {
  const ports = await Promise.all(Array.from({ length: 20 }, freePort))
  expect(Math.max(...ports)).toBeLessThan(32_768)
})

test('a wanted port is given where it can be had, else another', async () => {
  const port = await freePort()
  expect(await bindablePort(port)).toBe(port)
  const other = net.createServer()
  await new Promise<void>((resolve) => other.listen(port, '127.0.0.1', resolve))
  expect(await bindablePort(port)).not.toBe(port)
  await new Promise((resolve) => other.close(resolve))
})
