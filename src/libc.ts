import { DataType, load, open } from 'ffi-rs'

const IS_MAC = process.platform === 'darwin'

/** Throws where the C library is not found (musl). */
export function openLibc(): void {
  open({ library: 'libc', path: IS_MAC ? '/usr/lib/libSystem.B.dylib' : 'libc.so.6' })
}

/**
 * Calls a function of the C library, once it is open, that returns an int: file descriptors and
 * error codes, a system call's as well. Buffers are passed by address, numbers in a whole register.
 */
export function libc(funcName: string, ...args: ReadonlyArray<number | string | Buffer>): number {
  const paramsType = args.map((arg) =>
    typeof arg === 'number'
      ? DataType.I64
      : typeof arg === 'string'
        ? DataType.String
        : DataType.U8Array,
  )
  return load({
    library: 'libc',
    funcName,
    retType: DataType.I32,
    paramsType,
    paramsValue: [...args],
  })
}
