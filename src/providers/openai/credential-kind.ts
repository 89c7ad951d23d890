import type { CredentialKind } from '../../evidence/credential-kind.ts'

/** Longer ones are not looked into: their kind is not worth the time. */
const MAX_TOKEN_CHARACTERS = 8_192
/** Claim of tokens of a ChatGPT login, as Codex reads it (openai/codex, codex-rs/login). */
const LOGIN_CLAIM = 'https://api.openai.com/auth'

/**
 * `sk-…`: https://platform.openai.com/docs/api-reference/authentication. `ek_…` is made of such a
 * key (realtime client secrets). A JWT (RFC 7519) is a token of a login: of a ChatGPT plan where it
 * names an account there. Its signature is not checked: the provider does that, and nothing but
 * this label depends on it.
 */
export function openaiCredentialKind(key: string): CredentialKind | null {
  if (key.startsWith('sk-') || key.startsWith('ek_')) return 'api_key'
  const claims = claimsOf(key)
  if (claims === null) return null
  const login = claims[LOGIN_CLAIM]
  const isPlan =
    typeof login === 'object' &&
    login !== null &&
    ('chatgpt_account_id' in login || 'chatgpt_plan_type' in login)
  return isPlan ? 'subscription' : 'oauth'
}

function claimsOf(token: string): Readonly<Record<string, unknown>> | null {
  if (!token.startsWith('eyJ') || token.length > MAX_TOKEN_CHARACTERS) return null
  const [, payload, signature] = token.split('.', 3)
  if (payload === undefined || signature === undefined) return null
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'))
    return typeof claims === 'object' && claims !== null
      ? Object.fromEntries(Object.entries(claims))
      : null
  } catch {
    return null
  }
}
