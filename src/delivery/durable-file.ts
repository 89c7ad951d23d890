import fs from 'node:fs'
import path from 'node:path'
import { fsyncDirectory } from '../spool/segment-files.ts'

/** Half written when its process ended: what it was made of is still there. */
export const PART = '.part'

/**
 * Makes or replaces a file of its owner's alone, and its folder. It is whole or not there, also
 * after power was lost.
 */
export function writeDurably(file: string, content: string | Uint8Array): void {
  fs.mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 })
  fs.writeFileSync(`${file}${PART}`, content, { mode: 0o600, flush: true })
  fs.renameSync(`${file}${PART}`, file)
  fsyncDirectory(path.dirname(file))
}
