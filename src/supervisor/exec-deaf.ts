/**
 * A program that becomes another one, with SIGTERM, SIGINT and SIGHUP blocked: for a child that
 * would end at once when a service manager signals every process of a service (systemd's
 * KillMode=control-group), while `flint up` still needs it for an orderly stop.
 *
 * Arguments: the program's path, then its own arguments. A blocked signal stays pending through any
 * handler that the program installs, which ignoring it (`trap ''`) would not. Node has no
 * sigprocmask and, before 22.15, no exec, so both are asked of the C library.
 *
 * @see https://pubs.opengroup.org/onlinepubs/9799919799/functions/exec.html (the mask is inherited)
 */
import { constants } from 'node:os'
import { DataType, load } from 'ffi-rs'
import { libc, openLibc } from '../libc.ts'

const [program, ...args] = process.argv.slice(2)
if (program === undefined) throw new Error('usage: exec-deaf <program> <arguments>')

openLibc()

/** Larger than any platform's sigset_t. */
const blocked = Buffer.alloc(128)
const SIG_BLOCK = process.platform === 'darwin' ? 1 : 0
libc('sigemptyset', blocked)
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const)
  libc('sigaddset', blocked, constants.signals[signal])
libc('pthread_sigmask', SIG_BLOCK, blocked, 0)

// Node marks its standard streams close-on-exec; a duplicate is not.
for (const fd of [0, 1, 2]) {
  const copy = libc('dup', fd)
  libc('dup2', copy, fd)
  libc('close', copy)
}

/** NULL-terminated, as execv wants it. */
const argv = Buffer.alloc(8 * (args.length + 2))
for (const [index, text] of [program, ...args].entries())
  argv.writeBigUInt64LE(addressOf(text), 8 * index)
libc('execv', program, argv)
throw new Error(`${program} could not be run`)

/** Of a copy of the text that outlives this program's own memory management. */
function addressOf(text: string): bigint {
  return BigInt(
    load({
      library: 'libc',
      funcName: 'strdup',
      retType: DataType.I64,
      paramsType: [DataType.String],
      paramsValue: [text],
    }),
  )
}
