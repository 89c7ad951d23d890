import fs from 'node:fs'
import path from 'node:path'
import { PROJECT } from './flint.ts'

const GUIDE = path.resolve(PROJECT, '../shared/docs/flint-guide.txt')

/**
 * The users' guide lies beside the project, never in it; without it the tests that hold us to it
 * say so and are skipped.
 */
export const guideAvailable = fs.existsSync(GUIDE)
if (!guideAvailable)
  console.warn(
    'no ../shared/docs/flint-guide.txt beside the project: the tests of its code blocks are skipped',
  )

/** The host of the hosted product: the one thing in the guide that is replaced. */
export const GUIDE_HOST = 'https://api.flintlogic.com'

/**
 * Headings in their order; the guide is plain text, so nothing else distinguishes a heading from a
 * line.
 */
const HEADINGS = [
  'Setup',
  '2. Change one line in your SDK',
  'Client-side mode',
  'Report payload',
  'Prompt capture',
  'Proxy base URLs',
  'Querying your audit log',
  'Filter parameters',
  'Response',
  "What's captured",
  'Error reference',
] as const
type Heading = (typeof HEADINGS)[number]

export interface Guide {
  /** The text below a heading, up to the next one. */
  section(heading: Heading): string
  /** Every code block that can be run, as it stands. */
  readonly runnable: readonly string[]
}

export function readGuide(): Guide {
  const lines = fs.readFileSync(GUIDE, 'utf8').split('\n')
  const starts = HEADINGS.map((heading) => {
    const at = lines.indexOf(heading)
    if (at < 0) throw new Error(`the guide has no heading "${heading}" any more`)
    return at
  })
  const section = (heading: Heading) => {
    const at = HEADINGS.indexOf(heading)
    return lines.slice((starts[at] ?? 0) + 1, starts[at + 1]).join('\n')
  }
  return {
    section,
    runnable: HEADINGS.flatMap((heading) => [
      ...modulesIn(section(heading)),
      ...curlsIn(section(heading)),
    ]),
  }
}

/** A module begins with its import and ends with its section. */
export function modulesIn(section: string): string[] {
  const start = section.search(/^import /m)
  return start < 0 ? [] : [section.slice(start)]
}

/** Curl commands with their continuation lines. */
export function curlsIn(section: string): string[] {
  return section.match(/^curl (?:.*\\\n)*.*$/gm) ?? []
}

/** Rows of one of the guide's tables; the columns stand without a separator. */
export function rowsIn(section: string, row: RegExp): RegExpExecArray[] {
  return section
    .split('\n')
    .map((line) => row.exec(line))
    .filter((match) => match !== null)
}
