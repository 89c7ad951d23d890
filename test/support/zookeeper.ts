import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import net from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../../src/store/embedded/free-port.ts'

const JAVA = '/usr/bin/java'
/** Of Debian's package `zookeeper`. */
const JAR = '/usr/share/java/zookeeper.jar'

/** Null, or why there is no ZooKeeper on this machine. */
export const zooKeeperMissing: string | null = [JAVA, JAR].every((file) => existsSync(file))
  ? null
  : 'no ZooKeeper here: apt-get install zookeeper'

export interface ZooKeeper {
  readonly port: number
  stop(): Promise<void>
}

/** A real ZooKeeper on loopback, in a folder of its own. */
export async function startZooKeeper(): Promise<ZooKeeper> {
  const dir = mkdtempSync(join(tmpdir(), 'flint-zookeeper-'))
  const port = await freePort()
  const config = join(dir, 'zoo.cfg')
  writeFileSync(
    config,
    [
      'tickTime=2000',
      `dataDir=${dir}`,
      `clientPort=${port}`,
      'clientPortAddress=127.0.0.1',
      'admin.enableServer=false',
      '4lw.commands.whitelist=ruok',
      '',
    ].join('\n'),
  )
  const main = 'org.apache.zookeeper.server.quorum.QuorumPeerMain'
  const child = spawn(JAVA, ['-Xmx256m', '-cp', JAR, main, config], { stdio: 'ignore' })
  const stop = async () => {
    await ended(child)
    rmSync(dir, { recursive: true, force: true })
  }
  const deadline = performance.now() + 60_000
  while (!(await isReady(port))) {
    if (child.exitCode === null && performance.now() < deadline) continue
    await stop()
    throw new Error('ZooKeeper did not start')
  }
  return { port, stop }
}

function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve()
  return new Promise((resolve) => {
    child.once('exit', () => resolve())
    child.kill('SIGKILL')
  })
}

/** Asks `ruok`; waits a moment where no one listens yet. */
function isReady(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1', () => socket.write('ruok'))
    let answer = ''
    socket.on('data', (bytes) => {
      answer += bytes.toString()
    })
    socket.on('error', () => setTimeout(resolve, 50, false))
    socket.on('end', () => resolve(answer === 'imok'))
  })
}
