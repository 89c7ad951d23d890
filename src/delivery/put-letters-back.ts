import fs from 'node:fs'
import path from 'node:path'
import { evidenceLine } from '../evidence/evidence-line.ts'
import { closedName, fsyncDirectory, openName } from '../spool/segment-files.ts'
import type { DeadLetters, LetterPlace } from './dead-letters.ts'

/**
 * No living instance has this name: what a killed command left open is closed by the next start of
 * Flint.
 */
const DIRECTORY = path.join('dead-letters', 'retried')
const LETTERS_PER_SEGMENT = 1_000

/**
 * Writes the rows of letters into a segment of the spool, as delivery takes any other, then removes
 * the letters. A row that is refused again becomes a letter again; a damaged letter stays. Resolves
 * to how many were put back.
 */
export async function putLettersBack(
  letters: DeadLetters,
  places: readonly LetterPlace[],
  spoolRoot: string,
): Promise<number> {
  const directory = path.join(spoolRoot, DIRECTORY)
  let done = 0
  for (let from = 0; from < places.length; from += LETTERS_PER_SEGMENT) {
    const some = places.slice(from, from + LETTERS_PER_SEGMENT)
    const lines: string[] = []
    const putBack: LetterPlace[] = []
    for (const place of some) {
      const letter = await letters.read(place)
      if (letter === null) continue
      lines.push(lineOf(letter.row))
      putBack.push(place)
    }
    if (lines.length === 0) continue
    fs.mkdirSync(directory, { recursive: true, mode: 0o700 })
    const file = path.join(directory, openName(Date.now(), process.pid + from))
    fs.writeFileSync(file, lines.join(''), { mode: 0o600, flush: true })
    fs.renameSync(file, closedName(file))
    fsyncDirectory(directory)
    for (const place of putBack) await letters.remove(place)
    done += lines.length
  }
  return done
}

/** Written anew, as this build would write it; what is not a row goes as it is. */
function lineOf(row: string): string {
  try {
    const value: unknown = JSON.parse(row)
    if (typeof value === 'object' && value !== null) return evidenceLine(value)
  } catch {
    // Not JSON: refused again, unless the server has learnt it.
  }
  return `${row}\n`
}
