import { Type } from 'typebox'
import type { SettingsRow } from '../store/identity/identity-rows.ts'
import { CachedList, type CachedListOptions } from './cached-list.ts'
import {
  DEFAULT_SETTINGS,
  type SettingsInForce,
  type SettingsSource,
  settingsFrom,
} from './settings.ts'

const SettingsRowSchema = Type.Object({
  org: Type.String(),
  eventId: Type.String(),
  // Names and ranges are looked at one by one: a setting that is not known leaves the others in
  // force.
  state: Type.Record(Type.String(), Type.Unknown()),
})

/**
 * The settings of all organisations in memory. Without any copy capture is off. A gate that cannot
 * ask goes by the last it knew: no one can have changed a setting while ClickHouse is away.
 */
export class SettingsCache extends CachedList<SettingsRow> implements SettingsSource {
  #settings: ReadonlyMap<string, SettingsInForce> = new Map()

  constructor(options: CachedListOptions<SettingsRow>) {
    super(options)
    this.readCopy()
  }

  settingsOf(org: string): SettingsInForce {
    return this.#settings.get(org) ?? DEFAULT_SETTINGS
  }

  /** Of each organisation that changed any setting. */
  revisions(): ReadonlyMap<string, number> {
    return new Map([...this.#settings].map(([org, { revision }]) => [org, revision]))
  }

  protected override get entrySchema() {
    return SettingsRowSchema
  }

  protected override adopt(rows: readonly SettingsRow[]): void {
    this.#settings = new Map(rows.map(({ org, state }) => [org, settingsFrom(state)]))
  }
}
