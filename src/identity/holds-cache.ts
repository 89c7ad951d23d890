import { Type } from 'typebox'
import type { HoldRow } from '../store/identity/identity-rows.ts'
import { CachedList, type CachedListOptions } from './cached-list.ts'

const text = Type.String()
const nullable = Type.Union([Type.String(), Type.Null()])
const fields = Type.Union([Type.Record(Type.String(), Type.Unknown()), Type.Null()])
const HoldRowSchema = Type.Object({
  org: text,
  id: text,
  reason: text,
  filter: fields,
  conditions: fields,
  placedAt: text,
  placedBy: text,
  releasedAt: nullable,
  releasedBy: nullable,
  releaseReason: nullable,
})

/** Which organisations have a legal hold, answered from memory. */
export interface HoldsSource {
  /** Of an organisation with a hold nothing is hidden by its age, and nothing dropped. */
  isHeld(org: string): boolean
}

/** The legal holds of all organisations in memory. */
export class HoldsCache extends CachedList<HoldRow> implements HoldsSource {
  #held: ReadonlySet<string> = new Set()

  constructor(options: CachedListOptions<HoldRow>) {
    super(options)
    this.readCopy()
  }

  isHeld(org: string): boolean {
    return this.#held.has(org)
  }

  protected override get entrySchema() {
    return HoldRowSchema
  }

  protected override adopt(rows: readonly HoldRow[]): void {
    this.#held = new Set(rows.filter(({ releasedAt }) => releasedAt === null).map(({ org }) => org))
  }
}
