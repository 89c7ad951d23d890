import type { Settings } from '../../../api/answers.ts'
import { count } from '../../../state/numbers.ts'

export type SettingName = Exclude<keyof Settings, 'revision'>
export type Draft = Partial<Omit<Settings, 'revision'>>

/** Settings as people read them. */
export const SETTING_LABELS: Readonly<Record<SettingName, string>> = {
  promptCapture: 'Prompt capture',
  retentionDays: 'Keep records',
  contentRetentionDays: 'Keep prompts',
  redactStoredContent: 'Take key-shaped secrets out',
  promptHashMode: 'Prompt hash',
  promptReadReason: 'Reason for reading a prompt',
}
const NAMES = Object.keys(SETTING_LABELS) as readonly SettingName[]

/** The value of one setting for people: `on`, `90 days`, `HMAC-SHA-256`. */
export function settingText(name: string, value: unknown): string {
  if (typeof value === 'boolean') return value ? 'on' : 'off'
  if (/RetentionDays|retentionDays/.test(name) && typeof value === 'number')
    return `${count(value)} ${value === 1 ? 'day' : 'days'}`
  if (value === 'sha256') return 'SHA-256'
  if (value === 'hmac') return 'HMAC-SHA-256'
  return String(value)
}

/** What of a draft differs from the settings, by name. */
export function changesOf(settings: Settings, draft: Draft): readonly SettingName[] {
  return NAMES.filter((name) => draft[name] !== undefined && draft[name] !== settings[name])
}

/** The draft without what the settings say already. */
export function partOf(draft: Draft, names: readonly SettingName[]): Draft {
  return Object.fromEntries(names.map((name) => [name, draft[name]]))
}

/** The settings as a draft has them; prompts stay no longer than records, as the API has it. */
export function withDraft(settings: Settings, draft: Draft): Settings {
  const { contentRetentionDays, ...rest } = { ...settings, ...draft }
  const follows = draft.contentRetentionDays === undefined && rest.retentionDays >= 1
  return {
    ...rest,
    contentRetentionDays: follows
      ? Math.min(contentRetentionDays, rest.retentionDays)
      : contentRetentionDays,
  }
}

/** What is wrong with the days of a draft, by the rule of the API; null: nothing. */
export function daysFault({ retentionDays, contentRetentionDays }: Settings): string | null {
  if (!Number.isInteger(retentionDays) || retentionDays < 7 || retentionDays > 3650)
    return 'Records are kept for 7 to 3,650 days.'
  if (
    !Number.isInteger(contentRetentionDays) ||
    contentRetentionDays < 1 ||
    contentRetentionDays > retentionDays
  )
    return `Prompts are kept for 1 to ${count(retentionDays)} days: never longer than their records.`
  return null
}

/** What is to be typed before records or prompts go earlier; null where none do. */
export function confirmPhrase(settings: Settings, draft: Draft): string | null {
  const isShorter = (name: 'retentionDays' | 'contentRetentionDays') =>
    (draft[name] ?? settings[name]) < settings[name]
  if (isShorter('retentionDays')) return `KEEP ${draft.retentionDays} DAYS`
  if (isShorter('contentRetentionDays')) return `KEEP PROMPTS ${draft.contentRetentionDays} DAYS`
  return null
}
