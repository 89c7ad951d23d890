/** What follows the start of a key, in order. */
type Part =
  /** Characters that may go on for any length, taken a bounded piece at a time. */
  | { readonly run: RegExp }
  /** Without it, it was no key. */
  | { readonly required: RegExp }
  | { readonly optional: RegExp }

/**
 * One kind of secret. Every quantifier is bounded: an expression that takes millions of characters at once
 * overflows the engine's stack and throws.
 */
interface Shape {
  readonly kind: string
  /** Found anywhere; the parts follow at once. */
  readonly start: RegExp
  readonly parts: readonly Part[]
}

const BASE64URL = [{ run: /[A-Za-z0-9_-]{1,64}/y }]
const ALPHANUMERIC = [{ run: /[A-Za-z0-9]{1,64}/y }]
const WORD = [{ run: /[A-Za-z0-9_]{1,64}/y }]

/**
 * Shapes of secrets that people paste into prompts. Each begins with characters that ordinary text hardly
 * has, so that a match is a key and not an accident.
 *
 * Sources: the key formats that OpenAI, Anthropic, Google, AWS, GitHub, GitLab, Slack, Stripe, Hugging Face, Groq, xAI, npm
 * and PyPI document; RFC 7519 (JWT), RFC 7468 (PEM), RFC 6750 (Bearer).
 */
const SHAPES: readonly Shape[] = [
  {
    kind: 'private-key',
    start: /-----BEGIN (?:[A-Z]{1,16} ){0,4}PRIVATE KEY-----/g,
    parts: [
      // Base64, its line ends (also as JSON escapes), and the headers of encrypted keys (RFC 1421 §4.6).
      { run: /[A-Za-z0-9+/=\\\s]{1,64}|(?<=Proc|DEK)-(?:Type|Info):[^\n]{0,128}/y },
      { optional: /-----END (?:[A-Z]{1,16} ){0,4}PRIVATE KEY-----/y },
    ],
  },
  { kind: 'flint-key', start: /\bflnt_[A-Za-z0-9_]{20}/g, parts: WORD },
  { kind: 'anthropic-key', start: /\bsk-ant-[A-Za-z0-9_-]{16}/g, parts: BASE64URL },
  { kind: 'openai-key', start: /\bsk-[A-Za-z0-9_-]{20}/g, parts: BASE64URL },
  { kind: 'google-key', start: /\bAIza[A-Za-z0-9_-]{35}/g, parts: [] },
  { kind: 'google-token', start: /\bya29\.[A-Za-z0-9_-]{20}/g, parts: BASE64URL },
  { kind: 'aws-key', start: /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g, parts: [] },
  { kind: 'github-token', start: /\bgh[pousr]_[A-Za-z0-9]{36}/g, parts: ALPHANUMERIC },
  { kind: 'github-token', start: /\bgithub_pat_[A-Za-z0-9_]{22}/g, parts: WORD },
  { kind: 'gitlab-token', start: /\bglpat-[A-Za-z0-9_-]{20}/g, parts: BASE64URL },
  { kind: 'slack-token', start: /\bxox[abeoprs]-[A-Za-z0-9-]{10}/g, parts: [{ run: /[A-Za-z0-9-]{1,64}/y }] },
  { kind: 'stripe-key', start: /\b[rs]k_(?:live|test)_[A-Za-z0-9]{16}/g, parts: ALPHANUMERIC },
  { kind: 'huggingface-token', start: /\bhf_[A-Za-z0-9]{30}/g, parts: ALPHANUMERIC },
  { kind: 'groq-key', start: /\bgsk_[A-Za-z0-9]{30}/g, parts: ALPHANUMERIC },
  { kind: 'xai-key', start: /\bxai-[A-Za-z0-9]{30}/g, parts: ALPHANUMERIC },
  { kind: 'npm-token', start: /\bnpm_[A-Za-z0-9]{36}/g, parts: [] },
  { kind: 'pypi-token', start: /\bpypi-[A-Za-z0-9_-]{50}/g, parts: BASE64URL },
  {
    kind: 'jwt',
    start: /(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{8}/g,
    parts: [...BASE64URL, { required: /\.eyJ[A-Za-z0-9_-]{8}/y }, ...BASE64URL, { required: /\.[A-Za-z0-9_-]{8}/y }, ...BASE64URL],
  },
  { kind: 'bearer', start: /(?<=\bBearer )[A-Za-z0-9._~+/-]{20}/g, parts: [{ run: /[A-Za-z0-9._~+/=-]{1,64}/y }] },
]

/** The text with key-shaped secrets replaced by `[redacted:kind]`. Costs no more than the text's length. */
export function redact(text: string): string {
  return SHAPES.reduce(withoutShape, text)
}

function withoutShape(text: string, { kind, start, parts }: Shape): string {
  let clean = ''
  let from = 0
  start.lastIndex = 0
  for (let match = start.exec(text); match !== null; match = start.exec(text)) {
    const { end, isWhole } = follow(parts, text, start.lastIndex)
    // Also after what was no key the search goes on behind it: none is tried again inside what it failed on.
    start.lastIndex = end
    if (!isWhole) continue
    clean += `${text.slice(from, match.index)}[redacted:${kind}]`
    from = end
  }
  return from === 0 ? text : clean + text.slice(from)
}

/** Where the parts that follow at `at` end, and whether all that are required are there. */
function follow(parts: readonly Part[], text: string, at: number): { end: number; isWhole: boolean } {
  let end = at
  for (const part of parts) {
    if ('run' in part) end = endOfRun(part.run, text, end)
    else if ('optional' in part) end = taken(part.optional, text, end)
    else {
      const after = taken(part.required, text, end)
      if (after === end) return { end, isWhole: false }
      end = after
    }
  }
  return { end, isWhole: true }
}

function endOfRun(run: RegExp, text: string, at: number): number {
  for (let before = at; ; ) {
    const after = taken(run, text, before)
    if (after === before) return before
    before = after
  }
}

/** Where a sticky expression ends that is tried at `at`; `at` where it does not match. */
function taken(sticky: RegExp, text: string, at: number): number {
  sticky.lastIndex = at
  return sticky.test(text) ? sticky.lastIndex : at
}
