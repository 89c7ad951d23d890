import fs from 'node:fs'
import { DataType, load, open } from 'ffi-rs'

/*
 * Landlock: a process gives up for itself, and for every thread it starts from then on, all files
 * but those it names. No rights are needed for that. The same numbers on every architecture
 * (include/uapi/linux/landlock.h, asm-generic/unistd.h).
 *
 * @see https://docs.kernel.org/userspace-api/landlock.html
 */
const LANDLOCK_CREATE_RULESET = 444
const LANDLOCK_ADD_RULE = 445
const LANDLOCK_RESTRICT_SELF = 446
const CREATE_RULESET_VERSION = 1
const RULE_PATH_BENEATH = 1
const PR_SET_NO_NEW_PRIVS = 38

const EXECUTE = 1 << 0
const WRITE_FILE = 1 << 1
const READ_FILE = 1 << 2
const READ_DIR = 1 << 3
/** Everything of the first version: execute, read, write, remove, make. */
const ALL_OF_FIRST_VERSION = (1 << 13) - 1
/** Rights of later versions, by the version that brought them: move between folders, truncate. */
const SINCE: ReadonlyArray<readonly [version: number, right: number]> = [
  [2, 1 << 13],
  [3, 1 << 14],
]
const OF_FILES = EXECUTE | WRITE_FILE | READ_FILE | (1 << 14)

export interface AllowedPaths {
  /** Files and folders with all that is in them. Those that do not exist are passed over. */
  readonly read: readonly string[]
  readonly write: readonly string[]
}

/**
 * From now on this thread, and those it starts, open no file outside of `allowed`. False where the
 * system has no Landlock (Linux before 5.13, or switched off there); nothing is confined then.
 * Throws where a rule is refused.
 */
export function confineToPaths({ read, write }: AllowedPaths): boolean {
  if (process.platform !== 'linux') return false
  open({ library: 'libc', path: 'libc.so.6' })
  const version = syscall(LANDLOCK_CREATE_RULESET, 0, 0, CREATE_RULESET_VERSION)
  if (version < 1) return false
  const handled = SINCE.reduce(
    (rights, [since, right]) => (version >= since ? rights | right : rights),
    ALL_OF_FIRST_VERSION,
  )
  const ruleset = succeeded(
    'landlock_create_ruleset',
    syscallOn(rulesetAttribute(handled), LANDLOCK_CREATE_RULESET),
  )
  const allow = (paths: readonly string[], rights: number) => {
    for (const path of paths) if (fs.existsSync(path)) addRule(ruleset, path, rights & handled)
  }
  try {
    allow(read, READ_FILE | READ_DIR | EXECUTE)
    allow(write, handled)
    succeeded('prctl', call('prctl', [PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0]))
    succeeded('landlock_restrict_self', syscall(LANDLOCK_RESTRICT_SELF, ruleset, 0, 0))
  } finally {
    fs.closeSync(ruleset)
  }
  return true
}

function addRule(ruleset: number, path: string, rights: number): void {
  const beneath = fs.openSync(path, 'r')
  try {
    const allowed = fs.fstatSync(beneath).isDirectory() ? rights : rights & OF_FILES
    // struct landlock_path_beneath_attr, packed: rights (u64), file descriptor (s32).
    const attribute = Buffer.alloc(12)
    attribute.writeBigUInt64LE(BigInt(allowed))
    attribute.writeInt32LE(beneath, 8)
    const result = load({
      library: 'libc',
      funcName: 'syscall',
      retType: DataType.I64,
      paramsType: [DataType.I64, DataType.I64, DataType.I64, DataType.U8Array, DataType.I64],
      paramsValue: [LANDLOCK_ADD_RULE, ruleset, RULE_PATH_BENEATH, attribute, 0],
    })
    succeeded(`landlock_add_rule for ${path}`, Number(result))
  } finally {
    fs.closeSync(beneath)
  }
}

/**
 * struct landlock_ruleset_attr of the first version: the rights on files that are given up unless a
 * rule allows them.
 */
function rulesetAttribute(handled: number): Buffer {
  const attribute = Buffer.alloc(8)
  attribute.writeBigUInt64LE(BigInt(handled))
  return attribute
}

function syscallOn(attribute: Buffer, number: number): number {
  const result = load({
    library: 'libc',
    funcName: 'syscall',
    retType: DataType.I64,
    paramsType: [DataType.I64, DataType.U8Array, DataType.I64, DataType.I64],
    paramsValue: [number, attribute, attribute.length, 0],
  })
  return Number(result)
}

const syscall = (...numbers: number[]): number => call('syscall', numbers)

function call(funcName: string, numbers: readonly number[]): number {
  const paramsType = numbers.map(() => DataType.I64)
  return Number(
    load({
      library: 'libc',
      funcName,
      retType: DataType.I64,
      paramsType,
      paramsValue: [...numbers],
    }),
  )
}

function succeeded(what: string, result: number): number {
  if (result < 0) throw new Error(`${what} was refused`)
  return result
}
