import { createHmac } from 'node:crypto'

/**
 * What an organisation wants kept of a call's text; decided at the gate and carried with the call.
 */
export interface CapturePolicy {
  /** Replace key-shaped secrets in previews and stored content. */
  readonly redact: boolean
  readonly promptHashMode: 'sha256' | 'hmac'
}

/** Null where prompts are not to be kept. */
export function capturePolicyOf(settings: {
  readonly promptCapture: boolean
  readonly redactStoredContent: boolean
  readonly promptHashMode: 'sha256' | 'hmac'
}): CapturePolicy | null {
  return settings.promptCapture
    ? { redact: settings.redactStoredContent, promptHashMode: settings.promptHashMode }
    : null
}

/** One name, for the call's metadata; '' for no capture. */
export function policyName(policy: CapturePolicy | null): string {
  return policy === null ? '' : `${policy.promptHashMode}${policy.redact ? '+redact' : ''}`
}

/** Undefined for a name that no Flint writes. */
export function policyNamed(name: string): CapturePolicy | null | undefined {
  if (name === '') return null
  const [mode, redact, ...rest] = name.split('+')
  if (
    (mode !== 'sha256' && mode !== 'hmac') ||
    (redact !== undefined && redact !== 'redact') ||
    rest.length > 0
  )
    return undefined
  return { promptHashMode: mode, redact: redact === 'redact' }
}

/**
 * The hash of a prompt as the organisation wants it. In mode `hmac` it is HMAC-SHA-256 over
 * organisation and SHA-256: equal prompts of one organisation are still equal, and who guesses a
 * prompt cannot try it out without `secret`.
 */
export function promptHashOf(
  sha256: string,
  { promptHashMode }: CapturePolicy,
  { org, secret }: { org: string; secret: Buffer },
): string {
  return promptHashMode === 'sha256'
    ? sha256
    : createHmac('sha256', secret).update(`${org}\n${sha256}`).digest('hex')
}
