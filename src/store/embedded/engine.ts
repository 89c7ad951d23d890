/**
 * The thread of the engine: confined to the engine's own folder before the engine starts any of its
 * threads, which inherit that.
 */
import path from 'node:path'
import { workerData } from 'node:worker_threads'
import { DataType, load, open } from 'ffi-rs'
import { confineToPaths } from './confine-to-paths.ts'

export interface EmbeddedEngine {
  /** libchdb.so */
  readonly libraryPath: string
  /** Of `clickhouse local`, its own name first. */
  readonly argv: readonly string[]
  /** Configuration, data, temporary files. */
  readonly folder: string
}

const { libraryPath, argv, folder } = workerData as EmbeddedEngine

open({ library: 'chdb', path: libraryPath })
// A scalar `file('/etc/passwd')` needs no grant that could be refused: what the threads themselves
// cannot open, no statement can read.
const isConfined = confineToPaths({
  // Its own metrics read the rest of these; of other processes it must see nothing.
  read: [
    ...[
      'self',
      'meminfo',
      'cpuinfo',
      'stat',
      'loadavg',
      'uptime',
      'vmstat',
      'diskstats',
      'mounts',
      'sys',
      'pressure',
    ].map((name) => `/proc/${name}`),
    ...['/sys', '/dev/random', '/dev/urandom', '/etc/localtime', '/usr/share/zoneinfo'],
  ],
  // The data by its own name too: it may be a link to another disk.
  write: [folder, path.join(folder, 'data'), '/dev/null'],
})
if (!isConfined)
  process.stderr.write(
    'this kernel has no Landlock: statements can read every file that this user can (docs/security.md)\n',
  )

// `query_stable_v2` is clickhouse-local's main; it returns when the engine ends.
load({
  library: 'chdb',
  funcName: 'query_stable_v2',
  retType: DataType.External,
  paramsType: [DataType.I32, DataType.StringArray],
  paramsValue: [argv.length, [...argv]],
})
