/**
 * A setting that Flint cannot work with; `setting` is its name as the user wrote it. Secrets'
 * values never appear.
 */
export class ConfigError extends Error {
  readonly setting: string
  constructor(message: string, setting: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'ConfigError'
    this.setting = setting
  }
}
