/**
 * Shapes of secrets that people paste into prompts. Each begins with words or characters that ordinary text hardly has, so
 * that a match is a key and not an accident. None is tried again inside what it failed on, so that long text costs no more than its
 * length.
 *
 * Sources: the key formats that OpenAI, Anthropic, Google, AWS, GitHub, GitLab, Slack, Stripe, Hugging Face, Groq, xAI, npm
 * and PyPI document; RFC 7519 (JWT), RFC 7468 (PEM), RFC 6750 (Bearer).
 */
const SHAPES: ReadonlyArray<readonly [kind: string, shape: RegExp]> = [
  [
    'private-key',
    /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----\s*(?:(?:Proc-Type|DEK-Info):.*\s+)*[A-Za-z0-9+/=\\\s]*(?:-----END (?:[A-Z]+ )*PRIVATE KEY-----)?/g,
  ],
  ['flint-key', /\bflnt_[A-Za-z0-9_]{20,}/g],
  ['anthropic-key', /\bsk-ant-[A-Za-z0-9_-]{16,}/g],
  ['openai-key', /\bsk-[A-Za-z0-9_-]{20,}/g],
  ['google-key', /\bAIza[A-Za-z0-9_-]{35}/g],
  ['google-token', /\bya29\.[A-Za-z0-9_-]{20,}/g],
  ['aws-key', /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g],
  ['github-token', /\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{22,})/g],
  ['gitlab-token', /\bglpat-[A-Za-z0-9_-]{20,}/g],
  ['slack-token', /\bxox[abeoprs]-[A-Za-z0-9-]{10,}/g],
  ['stripe-key', /\b[rs]k_(?:live|test)_[A-Za-z0-9]{16,}/g],
  ['huggingface-token', /\bhf_[A-Za-z0-9]{30,}/g],
  ['groq-key', /\bgsk_[A-Za-z0-9]{30,}/g],
  ['xai-key', /\bxai-[A-Za-z0-9]{30,}/g],
  ['npm-token', /\bnpm_[A-Za-z0-9]{36}/g],
  ['pypi-token', /\bpypi-[A-Za-z0-9_-]{50,}/g],
  ['jwt', /(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}/g],
  ['bearer', /(?<=\bBearer )[A-Za-z0-9._~+/-]{20,}=*/g],
]

/** The text with key-shaped secrets replaced by `[redacted:kind]`. */
export function redact(text: string): string {
  return SHAPES.reduce((rest, [kind, shape]) => rest.replace(shape, `[redacted:${kind}]`), text)
}
