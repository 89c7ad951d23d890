import type { Parameter } from '../client/client.ts'
import { DIMENSIONS, type DimensionName } from './rollup-columns.ts'

const TAG = 'tag:'

/** By what sums are grouped: a dimension of the sums, or a tag of the calls. */
export type GroupName = DimensionName | `tag:${string}`

/** What groups differ in. */
export interface GroupColumn {
  readonly name: GroupName
  /** Of the rows that are summed up. */
  readonly column: string
  /** Over the columns of `calls_settled`, with the values bound to it. */
  readonly ofRecord: string
  readonly params: Readonly<Record<string, Parameter>>
  /** Sums of hours and quarters have it. Of tags there may be any number: only records do. */
  readonly isRolled: boolean
}

/** Null where the name is neither a dimension nor `tag:` and the name of a tag. */
export function groupNamed(name: string): GroupName | null {
  if (isTag(name)) return name
  return isDimension(name) ? name : null
}

export function groupColumns(names: readonly GroupName[]): readonly GroupColumn[] {
  return names.map((name, n) => {
    if (!isTag(name)) {
      const column = DIMENSIONS[name]
      return { name, column, ofRecord: column, params: {}, isRolled: true }
    }
    const parameter = `group_tag_${n}`
    const bound = `{${parameter}:String}`
    return {
      name,
      column: `group_${n}`,
      ofRecord: `if(mapContains(tags, ${bound}), tags[${bound}], NULL)`,
      params: { [parameter]: name.slice(TAG.length) },
      isRolled: false,
    }
  })
}

function isTag(name: string): name is `tag:${string}` {
  return name.startsWith(TAG) && name.length > TAG.length
}

function isDimension(name: string): name is DimensionName {
  return Object.hasOwn(DIMENSIONS, name)
}
