/**
 * What pays for a call, by the shape of the provider key: `api_key`: an account that is billed by
 * the token; `oauth`: a token of a login or a service account, whose terms the shape does not say;
 * `subscription`: a login of a plan with a price of its own, as Claude Code and Codex have;
 * `signature`: a key of a cloud account that signed the request and did not come with it.
 */
export const CREDENTIAL_KINDS = ['api_key', 'oauth', 'subscription', 'signature'] as const
export type CredentialKind = (typeof CREDENTIAL_KINDS)[number]
