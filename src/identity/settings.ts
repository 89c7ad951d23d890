/** How prompts are hashed: plain SHA-256 can be compared across systems, HMAC cannot be tried out by who guesses a prompt. */
export const PROMPT_HASH_MODES = ['sha256', 'hmac'] as const
export type PromptHashMode = (typeof PROMPT_HASH_MODES)[number]

/** What an organisation decides for itself: `GET|PATCH /v1/settings`. */
export interface OrganisationSettings {
  /** Keep previews, hashes and full content of prompts and completions. */
  readonly promptCapture: boolean
  /** How long records are kept, 7 to 3,650. */
  readonly retentionDays: number
  /** How long content is kept, 1 to `retentionDays`: never longer than its record. */
  readonly contentRetentionDays: number
  /** Replace key-shaped secrets in previews and stored content; the hash is always of the prompt as it was. */
  readonly redactStoredContent: boolean
  readonly promptHashMode: PromptHashMode
}

export const DEFAULT_SETTINGS: OrganisationSettings = {
  promptCapture: false,
  retentionDays: 90,
  contentRetentionDays: 90,
  redactStoredContent: true,
  promptHashMode: 'sha256',
}

/** Answers from memory, as the directory of keys does. */
export interface SettingsSource {
  /** The defaults for an organisation that never changed any. */
  settingsOf(org: string): OrganisationSettings
  /** Age of what `settingsOf` answers from; Infinity when there is nothing. */
  staleMs(): number
}
