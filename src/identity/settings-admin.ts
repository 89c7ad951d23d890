import type { IdentityLog } from '../store/identity/identity-log.ts'
import type { Acted } from './events.ts'
import {
  DEFAULT_SETTINGS,
  type OrganisationSettings,
  RETENTION_DAYS,
  type SettingsInForce,
  settingsFrom,
} from './settings.ts'

interface ChangeSettings extends Acted {
  readonly org: string
  readonly change: Partial<OrganisationSettings>
  readonly reason?: string | null | undefined
  /**
   * The revision the change was made against; without it the change is made to whatever is in
   * force.
   */
  readonly revision?: number | undefined
}

/** `out_of_range` names the setting and says its range. */
type SettingsChange =
  | { readonly outcome: 'changed'; readonly settings: SettingsInForce }
  | { readonly outcome: 'conflict' }
  | {
      readonly outcome: 'out_of_range'
      readonly setting: keyof OrganisationSettings
      readonly rule: string
    }

/** Reads and changes settings where they are stored; directories follow within seconds. */
export interface SettingsAdmin {
  read(org: string): Promise<SettingsInForce>
  change(wish: ChangeSettings): Promise<SettingsChange>
}

export function createSettingsAdmin(log: IdentityLog): SettingsAdmin {
  const inForce = async (org: string) => {
    const row = (await log.listSettings()).find((candidate) => candidate.org === org)
    return {
      eventId: row?.eventId ?? null,
      settings: row === undefined ? DEFAULT_SETTINGS : settingsFrom(row.state),
    }
  }

  return {
    read: async (org) => (await inForce(org)).settings,
    async change({ org, actor, sessionId, change, reason = null, revision }) {
      const { settings: before } = await inForce(org)
      if (revision !== undefined && revision !== before.revision) return { outcome: 'conflict' }
      const after = merged(before, change)
      const fault = faultOf(after)
      if (fault) return { outcome: 'out_of_range', ...fault }
      const names = (Object.keys(change) as Array<keyof OrganisationSettings>).filter(
        (name) => before[name] !== after[name],
      )
      // Shortening records' life may take content's with it: that is a change too.
      if (
        before.contentRetentionDays !== after.contentRetentionDays &&
        !names.includes('contentRetentionDays')
      )
        names.push('contentRetentionDays')
      if (names.length === 0) return { outcome: 'changed', settings: before }
      const part = (settings: OrganisationSettings) =>
        Object.fromEntries(names.map((name) => [name, settings[name]]))
      const next: SettingsInForce = { ...after, revision: before.revision + 1 }
      const [eventId] = await log.append([
        {
          subjectKind: 'settings',
          org,
          actor,
          sessionId,
          action: 'settings.changed',
          subject: org,
          reason,
          old: part(before),
          new: part(after),
          state: { ...next },
        },
      ])
      // Two changes of one revision: the earlier is in force, and the later must not be answered
      // that it is (docs/decisions/009).
      const now = await inForce(org)
      return now.eventId === eventId
        ? { outcome: 'changed', settings: now.settings }
        : { outcome: 'conflict' }
    },
  }
}

function merged(
  before: OrganisationSettings,
  change: Partial<OrganisationSettings>,
): OrganisationSettings {
  const after = { ...before, ...change }
  const { retentionDays, contentRetentionDays } = after
  // Content never outlives its record; said only where no one asked for both.
  return change.contentRetentionDays === undefined && contentRetentionDays > retentionDays
    ? { ...after, contentRetentionDays: retentionDays }
    : after
}

function faultOf({ retentionDays, contentRetentionDays }: OrganisationSettings) {
  const { least, most } = RETENTION_DAYS
  if (!Number.isInteger(retentionDays) || retentionDays < least || retentionDays > most)
    return {
      setting: 'retentionDays',
      rule: `must be a whole number from ${least} to ${most}`,
    } as const
  if (
    !Number.isInteger(contentRetentionDays) ||
    contentRetentionDays < 1 ||
    contentRetentionDays > retentionDays
  )
    return {
      setting: 'contentRetentionDays',
      rule: `must be a whole number from 1 to retentionDays (${retentionDays})`,
    } as const
  return null
}
