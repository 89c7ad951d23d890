/**
 * The program of the child process: ClickHouse out of libchdb.so, serving its own HTTP interface.
 *
 * Arguments: the library's path, then the arguments of `clickhouse local`. It ends when its stdin closes, that is, when
 * its parent died: SIGKILL of the parent too leaves no server behind.
 */
import { DataType, load, open } from 'ffi-rs'

const [libraryPath, ...serverArguments] = process.argv.slice(2)
if (libraryPath === undefined) throw new Error('usage: embedded-server-child <libchdb.so> <arguments of clickhouse local>')

// process.exit() waits for the engine's threads, which never end. Confirmed inserts are fsynced, so nothing is lost.
const die = () => process.kill(process.pid, 'SIGKILL')
process.stdin.on('end', die).on('close', die).on('error', die).resume()
// Ctrl-C reaches the whole process group; the parent decides when the store may go, after its last delivery.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {})

open({ library: 'chdb', path: libraryPath })
const argv = ['clickhouse', ...serverArguments]
// `query_stable_v2` is clickhouse-local's main; in its own thread, so that this loop still sees stdin close.
await load({
  library: 'chdb',
  funcName: 'query_stable_v2',
  retType: DataType.External,
  paramsType: [DataType.I32, DataType.StringArray],
  paramsValue: [argv.length, argv],
  runInNewThread: true,
})
process.stderr.write('the engine returned: its never-ending query ended or could not start\n')
die()
