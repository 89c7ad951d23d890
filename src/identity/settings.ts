/**
 * How prompts are hashed: plain SHA-256 can be compared across systems, HMAC cannot be tried out by
 * who guesses a prompt.
 */
export const PROMPT_HASH_MODES = ['sha256', 'hmac'] as const
export type PromptHashMode = (typeof PROMPT_HASH_MODES)[number]

/** Whether one who reads a prompt has to say why. */
export const PROMPT_READ_REASONS = ['optional', 'required'] as const
export type PromptReadReason = (typeof PROMPT_READ_REASONS)[number]

/** What an organisation decides for itself: `GET|PATCH /v1/settings`. */
export interface OrganisationSettings {
  /** Keep previews, hashes and full content of prompts and completions. */
  readonly promptCapture: boolean
  /** How long records are kept, 7 to 3,650. */
  readonly retentionDays: number
  /** How long content is kept, 1 to `retentionDays`: never longer than its record. */
  readonly contentRetentionDays: number
  /**
   * Replace key-shaped secrets in previews and stored content; the hash is always of the prompt as
   * it was.
   */
  readonly redactStoredContent: boolean
  readonly promptHashMode: PromptHashMode
  /** Whether reads of prompts and attachments need a reason. */
  readonly promptReadReason: PromptReadReason
}

/** Settings with how often they were changed: the condition of a careful change. */
export interface SettingsInForce extends OrganisationSettings {
  readonly revision: number
}

export const RETENTION_DAYS = { least: 7, most: 3_650 } as const

export const DEFAULT_SETTINGS: SettingsInForce = {
  promptCapture: false,
  retentionDays: 90,
  contentRetentionDays: 90,
  redactStoredContent: true,
  promptHashMode: 'sha256',
  promptReadReason: 'optional',
  revision: 0,
}

/** Answers from memory, as the directory of keys does. */
export interface SettingsSource {
  /** The defaults for an organisation that never changed any. */
  settingsOf(org: string): SettingsInForce
  /** Age of what `settingsOf` answers from; Infinity when there is nothing. */
  staleMs(): number
}

/**
 * Stored settings as they are meant; what is missing or damaged is the default, and capture then
 * stays off.
 */
export function settingsFrom(state: Readonly<Record<string, unknown>>): SettingsInForce {
  const days = (value: unknown, most: number, otherwise: number) =>
    typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= most
      ? value
      : otherwise
  const retentionDays = days(
    state.retentionDays,
    RETENTION_DAYS.most,
    DEFAULT_SETTINGS.retentionDays,
  )
  return {
    promptCapture: state.promptCapture === true,
    retentionDays,
    contentRetentionDays: days(
      state.contentRetentionDays,
      retentionDays,
      Math.min(DEFAULT_SETTINGS.contentRetentionDays, retentionDays),
    ),
    redactStoredContent: state.redactStoredContent !== false,
    promptHashMode:
      PROMPT_HASH_MODES.find((mode) => mode === state.promptHashMode) ??
      DEFAULT_SETTINGS.promptHashMode,
    promptReadReason:
      PROMPT_READ_REASONS.find((known) => known === state.promptReadReason) ??
      DEFAULT_SETTINGS.promptReadReason,
    revision: typeof state.revision === 'number' ? state.revision : 0,
  }
}
