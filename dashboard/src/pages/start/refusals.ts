/** What was wrong with a refused call and what to do, by its errorCode. */
const REFUSALS: Readonly<Record<string, string>> = {
  missing_provider_key:
    'The provider’s key was missing. Add the header x-provider-key with your provider key, or join both keys: <provider key>.<Flint key>.',
  unknown_provider:
    'The path names no provider that is set up here. It is /v1/proxy/<provider>/<path>, as /v1/proxy/openai/v1/chat/completions.',
  forbidden:
    'This Flint key may not call providers. Use one with the scope proxy: preset Application in Settings › API Keys › Create key.',
  invalid_api_key: 'The Flint key is unknown, expired or revoked. Send one that is in force.',
  invalid_request: 'The request was not valid for Flint: its answer names what.',
  rate_limited: 'Too many calls at once: wait as long as Retry-After says.',
  audit_unavailable:
    'Flint could not record the call and did not forward it. See Settings › System.',
  upstream_error: 'The provider could not be reached or broke the connection.',
}

/** Null for a call that Flint did not refuse. */
export function refusal({
  errorCode,
}: {
  readonly errorCode?: string | null | undefined
}): string | null {
  if (errorCode === null || errorCode === undefined) return null
  return REFUSALS[errorCode] ?? `Flint refused it: ${errorCode}.`
}
