import fs from 'node:fs'

/**
 * Makes or replaces a file of its owner's alone. A reader never sees half of it; a loss of power
 * may leave the old one (delivery/durable-file.ts flushes where that matters).
 */
export function replaceFile(file: string, content: string): void {
  const temporary = `${file}.${process.pid}.part`
  fs.writeFileSync(temporary, content, { mode: 0o600 })
  // The mode above is only given to a new file; one that a killed process left may have another.
  fs.chmodSync(temporary, 0o600)
  fs.renameSync(temporary, file)
}
