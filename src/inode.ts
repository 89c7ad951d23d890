import fs from 'node:fs'

/** Which file a name stands for: the number stays when the file is renamed. Null without a file. */
export function inodeOf(file: string): number | null {
  return fs.statSync(file, { throwIfNoEntry: false })?.ino ?? null
}
