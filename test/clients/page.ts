import fs from 'node:fs'
import path from 'node:path'
import { PROJECT } from '../support/flint.ts'
import { blocksOf, type CodeBlock } from '../support/sdks-document.ts'

const PAGE = fs.readFileSync(path.join(PROJECT, 'docs/agents.md'), 'utf8')

/** A `###` heading of the page with its code blocks: one way to set up one client. */
export interface SetUp {
  readonly heading: string
  readonly blocks: readonly CodeBlock[]
  /** Hosts of its line `Beside Flint: …`, which the client may try as well. */
  readonly otherHosts: readonly string[]
}

/** All set-ups of the page in their order; headings without a code block are none. */
export const SET_UPS: readonly SetUp[] = PAGE.split(/^### /m)
  .slice(1)
  .map((text) => {
    const heading = text.split('\n', 1)[0] ?? ''
    const section = text.split(/^## /m, 1)[0] ?? ''
    const beside = /^Beside Flint: ([\s\S]*?)(?:\n\n|\s*$)/m.exec(section)?.[1] ?? ''
    const otherHosts = [...beside.matchAll(/`([\w-]+(?:\.[\w-]+)+)`/g)].map(([, host = '']) => host)
    return { heading, blocks: blocksOf(section), otherHosts }
  })
  .filter(({ blocks }) => blocks.length > 0)

/** Throws where the page has no such set-up. */
export function setUpOf(heading: string): SetUp {
  const found = SET_UPS.find((setUp) => setUp.heading === heading)
  if (found === undefined) throw new Error(`docs/agents.md has no set-up "${heading}"`)
  return found
}

/** A block whose first line is a comment with a path below `~` is that file. */
export function fileOf({ code }: CodeBlock): string | null {
  return /^(?:#|\/\/) ~\/(\S+)/.exec(code)?.[1] ?? null
}
