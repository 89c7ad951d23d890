import fs from 'node:fs'
import { libc, openLibc } from '../../libc.ts'

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
  openLibc()
  const version = libc('syscall', LANDLOCK_CREATE_RULESET, 0, 0, CREATE_RULESET_VERSION)
  if (version < 1) return false
  const handled = SINCE.reduce(
    (rights, [since, right]) => (version >= since ? rights | right : rights),
    ALL_OF_FIRST_VERSION,
  )
  const ruleset = createRuleset(handled)
  const allow = (paths: readonly string[], rights: number) => {
    for (const path of paths) if (fs.existsSync(path)) addRule(ruleset, path, rights & handled)
  }
  try {
    allow(read, READ_FILE | READ_DIR | EXECUTE)
    allow(write, handled)
    succeeded('prctl', libc('prctl', PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
    succeeded('landlock_restrict_self', libc('syscall', LANDLOCK_RESTRICT_SELF, ruleset, 0))
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
    succeeded(
      `landlock_add_rule for ${path}`,
      libc('syscall', LANDLOCK_ADD_RULE, ruleset, RULE_PATH_BENEATH, attribute, 0),
    )
  } finally {
    fs.closeSync(beneath)
  }
}

/**
 * `handled`: the rights on files that are given up unless a rule allows them (struct
 * landlock_ruleset_attr of the first version).
 */
function createRuleset(handled: number): number {
  const attribute = Buffer.alloc(8)
  attribute.writeBigUInt64LE(BigInt(handled))
  return succeeded(
    'landlock_create_ruleset',
    libc('syscall', LANDLOCK_CREATE_RULESET, attribute, attribute.length, 0),
  )
}

function succeeded(what: string, result: number): number {
  if (result < 0) throw new Error(`${what} was refused`)
  return result
}
