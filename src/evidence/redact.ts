/** What follows the start of a key, in order. */
type Part =
  /** Characters that may go on for any length, taken a bounded piece at a time. */
  | { readonly run: RegExp }
  /** Without it, it was no key. */
  | { readonly required: RegExp }
  | { readonly optional: RegExp }

/**
 * One kind of secret. Every quantifier is bounded: an expression that takes millions of characters
 * at once overflows the engine's stack and throws.
 */
interface Shape {
  readonly kind: string
  /** Found anywhere; the parts follow at once. */
  readonly start: RegExp
  readonly parts: readonly Part[]
  /** Another key may stand before it, joined on with a dot: `<provider key>.<Flint key>`. */
  readonly joined?: true
}

const BASE64URL = [{ run: /[A-Za-z0-9_-]{1,64}/y }]
const ALPHANUMERIC = [{ run: /[A-Za-z0-9]{1,64}/y }]
const NAME = [{ run: /[A-Za-z0-9_]{1,64}/y }]

/**
 * Shapes of secrets that people paste into prompts. Each begins with characters that ordinary text
 * hardly has, so that a match is a key and not an accident.
 *
 * Sources: the key formats that OpenAI, Anthropic, Google, AWS, GitHub, GitLab, Slack, Stripe,
 * Hugging Face, Groq, xAI, npm and PyPI document; RFC 7519 (JWT), RFC 7468 (PEM), RFC 6750
 * (Bearer).
 */
const SHAPES: readonly Shape[] = [
  {
    kind: 'private-key',
    start: /-----BEGIN (?:[A-Z]{1,16} ){0,4}PRIVATE KEY-----/g,
    parts: [
      // Base64, its line ends (also as JSON escapes), and the headers of encrypted keys (RFC 1421
      // §4.6).
      { run: /[A-Za-z0-9+/=\\\s]{1,64}|(?<=Proc|DEK)-(?:Type|Info):[^\n]{0,128}/y },
      { optional: /-----END (?:[A-Z]{1,16} ){0,4}PRIVATE KEY-----/y },
    ],
  },
  { kind: 'flint-key', start: /\bflnt_[A-Za-z0-9_]{20}/g, parts: NAME, joined: true },
  { kind: 'anthropic-key', start: /\bsk-ant-[A-Za-z0-9_-]{16}/g, parts: BASE64URL },
  { kind: 'openai-key', start: /\bsk-[A-Za-z0-9_-]{20}/g, parts: BASE64URL },
  { kind: 'google-key', start: /\bAIza[A-Za-z0-9_-]{35}/g, parts: [] },
  { kind: 'google-key', start: /\bAQ\.[A-Za-z0-9_-]{20}/g, parts: BASE64URL },
  { kind: 'google-token', start: /\bya29\.[A-Za-z0-9_-]{20}/g, parts: BASE64URL },
  { kind: 'aws-key', start: /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g, parts: [] },
  {
    kind: 'bedrock-key',
    start: /\b(?:ABSK|bedrock-api-key-)[A-Za-z0-9+/]{20}/g,
    parts: [{ run: /[A-Za-z0-9+/=]{1,64}/y }],
  },
  { kind: 'github-token', start: /\bgh[pousr]_[A-Za-z0-9]{36}/g, parts: ALPHANUMERIC },
  { kind: 'github-token', start: /\bgithub_pat_[A-Za-z0-9_]{22}/g, parts: NAME },
  { kind: 'gitlab-token', start: /\bglpat-[A-Za-z0-9_-]{20}/g, parts: BASE64URL },
  {
    kind: 'slack-token',
    start: /\bxox[abeoprs]-[A-Za-z0-9-]{10}/g,
    parts: [{ run: /[A-Za-z0-9-]{1,64}/y }],
  },
  { kind: 'stripe-key', start: /\b[rs]k_(?:live|test)_[A-Za-z0-9]{16}/g, parts: ALPHANUMERIC },
  { kind: 'huggingface-token', start: /\bhf_[A-Za-z0-9]{30}/g, parts: ALPHANUMERIC },
  { kind: 'groq-key', start: /\bgsk_[A-Za-z0-9]{30}/g, parts: ALPHANUMERIC },
  { kind: 'xai-key', start: /\bxai-[A-Za-z0-9]{30}/g, parts: ALPHANUMERIC },
  { kind: 'npm-token', start: /\bnpm_[A-Za-z0-9]{36}/g, parts: [] },
  { kind: 'pypi-token', start: /\bpypi-[A-Za-z0-9_-]{50}/g, parts: BASE64URL },
  {
    kind: 'jwt',
    start: /(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{8}/g,
    parts: [
      ...BASE64URL,
      { required: /\.eyJ[A-Za-z0-9_-]{8}/y },
      ...BASE64URL,
      { required: /\.[A-Za-z0-9_-]{8}/y },
      ...BASE64URL,
    ],
  },
  {
    kind: 'bearer',
    start: /(?<=\bBearer )[A-Za-z0-9._~+/-]{20}/g,
    parts: [{ run: /[A-Za-z0-9._~+/=-]{1,64}/y }],
  },
]

/**
 * What every shape begins with, or holds. Plain texts: looking for each is far cheaper than for all
 * of them by an expression.
 */
const STARTS: readonly string[] = [
  ...[
    'sk-',
    'flnt_',
    'AIza',
    'AQ.',
    'ya29.',
    'AKIA',
    'ASIA',
    'ABSK',
    'bedrock-api-key-',
    'ghp_',
    'gho_',
    'ghu_',
    'ghs_',
    'ghr_',
    'github_pat_',
    'glpat-',
    'xox',
  ],
  ...[
    'k_live_',
    'k_test_',
    'hf_',
    'gsk_',
    'xai-',
    'npm_',
    'pypi-',
    'eyJ',
    'Bearer ',
    'PRIVATE KEY',
  ],
]

/** Of longer texts a look at the shapes themselves costs no more. */
const LONG = 65_536

/** False where the text holds no key for sure; nearly every text. */
export function mayHoldSecret(text: string): boolean {
  return STARTS.some((start) => text.includes(start))
}

/**
 * The text with key-shaped secrets replaced by `[redacted:kind]`. Costs no more than the text's
 * length.
 */
export function redact(text: string): string {
  return redactMarked({ text, marks: [] }).text
}

/** A text, and places in it in ascending order, in UTF-16 units. */
export interface MarkedText {
  readonly text: string
  readonly marks: readonly number[]
}

function redactMarked(marked: MarkedText): MarkedText {
  if (marked.text.length < LONG && !mayHoldSecret(marked.text)) return marked
  // Shape by shape: what one has replaced is not looked at again.
  return SHAPES.reduce((clean, shape) => withoutSpans(clean, spansOf(clean.text, shape)), marked)
}

/** What stands between two pieces of a prompt or an answer. */
const SEPARATOR = '\n\n'
const KEY_CHARACTER = /[A-Za-z0-9+/=_.~-]/
/** Bounds of a key that was cut: of each piece, and of how many there are. */
const MAX_PIECE = 4_096
const MAX_PIECES = 8
/** What follows a whole key in the next piece belongs to it only if it looks like more of it. */
const MORE_OF_A_KEY = /^(?=\S{0,64}\d)[A-Za-z0-9+/=_-]{8}/

/** The same for text made of pieces: a key that was cut in two by them is found as well. */
export function redactJoined(text: string): string {
  return redactJoinedMarked({ text, marks: [] }).text
}

/**
 * The same, with the marks where they are in the clean text; one within a secret comes to stand
 * behind what replaces it.
 */
export function redactJoinedMarked(marked: MarkedText): MarkedText {
  return redactMarked(withoutSpans(marked, cutKeysIn(marked.text)))
}

/**
 * One stretch of a text made of pieces, without the keys that begin or end in it: what stands
 * around it is looked at as far as a key that was cut may go.
 */
export function redactStretch(text: string, from: number, to: number): string {
  const start = Math.max(0, from - MAX_PIECE * MAX_PIECES)
  const around = text.slice(start, to + MAX_PIECE * MAX_PIECES)
  if (!mayHoldSecret(around) && cutKeysIn(around).length === 0) return text.slice(from, to)
  const spans = [...cutKeysIn(around), ...secretsIn(around)].flatMap((span) => {
    const clipped = {
      ...span,
      from: Math.max(0, span.from + start - from),
      to: Math.min(to, span.to + start) - from,
    }
    return clipped.to > clipped.from ? [clipped] : []
  })
  return redact(withoutSpans({ text: text.slice(from, to), marks: [] }, spans).text)
}

function cutKeysIn(text: string): Span[] {
  const spans: Span[] = []
  for (
    let cut = text.indexOf(SEPARATOR);
    cut >= 0;
    cut = text.indexOf(SEPARATOR, cut + SEPARATOR.length)
  ) {
    const chain = chainAround(text, cut)
    if (mayHoldSecret(chain.joined))
      for (const span of merged(secretsIn(chain.joined))) spans.push(...cutSpan(chain, span))
  }
  return spans
}

/**
 * What could be one key that goes on behind a separator: unbroken characters of a key, over this
 * and the next separators.
 */
interface Chain {
  readonly joined: string
  /** Of each piece: where it begins in the text and in `joined`. */
  readonly pieces: ReadonlyArray<{ readonly at: number; readonly joinedAt: number }>
}

function chainAround(text: string, cut: number): Chain {
  const isKeyCharacter = (at: number) => KEY_CHARACTER.test(text.charAt(at))
  let at = cut
  while (at > 0 && cut - at < MAX_PIECE && isKeyCharacter(at - 1)) at -= 1
  const pieces = [{ at, joinedAt: 0 }]
  let joined = text.slice(at, cut)
  let end = cut
  while (text.startsWith(SEPARATOR, end) && pieces.length < MAX_PIECES) {
    const from = end + SEPARATOR.length
    let to = from
    while (to < text.length && to - from < MAX_PIECE && isKeyCharacter(to)) to += 1
    const piece = text.slice(from, to)
    if (endsInSecret(joined) && !MORE_OF_A_KEY.test(piece)) break
    pieces.push({ at: from, joinedAt: joined.length })
    joined += piece
    end = to
  }
  return { joined, pieces }
}

function endsInSecret(text: string): boolean {
  return mayHoldSecret(text) && secretsIn(text).some(({ to }) => to === text.length)
}

/** Where a secret of the chain stands in the text; empty for one that lies in a single piece. */
function cutSpan({ pieces }: Chain, { from, to, kind }: Span): Span[] {
  const first = pieces.findLast(({ joinedAt }) => joinedAt <= from)
  const last = pieces.findLast(({ joinedAt }) => joinedAt < to)
  if (!first || !last || first === last) return []
  return [{ from: first.at + from - first.joinedAt, to: last.at + to - last.joinedAt, kind }]
}

interface Span {
  readonly from: number
  /** Exclusive. */
  readonly to: number
  readonly kind: string
}

function withoutSpans(marked: MarkedText, spans: readonly Span[]): MarkedText {
  if (spans.length === 0) return marked
  const { text, marks } = marked
  const moved: number[] = []
  let clean = ''
  let from = 0
  for (const span of merged(spans)) {
    for (let mark = marks[moved.length]; mark !== undefined && mark <= span.from; ) {
      moved.push(clean.length + mark - from)
      mark = marks[moved.length]
    }
    clean += `${text.slice(from, span.from)}[redacted:${span.kind}]`
    from = span.to
    for (let mark = marks[moved.length]; mark !== undefined && mark < span.to; ) {
      moved.push(clean.length)
      mark = marks[moved.length]
    }
  }
  for (const mark of marks.slice(moved.length)) moved.push(clean.length + mark - from)
  return { text: clean + text.slice(from), marks: moved }
}

/**
 * In order, overlapping ones as one: of two that begin together the kind that was listed first
 * names it.
 */
function merged(spans: readonly Span[]): Span[] {
  const all: Span[] = []
  for (const span of [...spans].sort((one, other) => one.from - other.from)) {
    const last = all.at(-1)
    if (last === undefined || span.from >= last.to) all.push(span)
    else if (span.to > last.to) all[all.length - 1] = { ...last, to: span.to }
  }
  return all
}

function secretsIn(text: string): Span[] {
  return SHAPES.flatMap((shape) => spansOf(text, shape))
}

function spansOf(text: string, { kind, start, parts, joined }: Shape): Span[] {
  const spans: Span[] = []
  start.lastIndex = 0
  for (let match = start.exec(text); match !== null; match = start.exec(text)) {
    const { end, isWhole } = follow(parts, text, start.lastIndex)
    // Also after what was no key the search goes on behind it: none is tried again inside what it
    // failed on.
    start.lastIndex = end
    if (!isWhole) continue
    const from = joined ? startOfJoined(text, match.index, spans.at(-1)?.to ?? 0) : match.index
    spans.push({ from, to: end, kind })
  }
  return spans
}

/**
 * Where a key begins that is joined on before this one with a dot, of whatever shape. It is looked
 * for behind the last key alone, so that no character is looked at twice.
 */
function startOfJoined(text: string, at: number, after: number): number {
  if (text[at - 1] !== '.') return at
  let from = at
  while (from > after && KEY_CHARACTER.test(text.charAt(from - 1))) from -= 1
  return from
}

/** Where the parts that follow at `at` end, and whether all that are required are there. */
function follow(
  parts: readonly Part[],
  text: string,
  at: number,
): { end: number; isWhole: boolean } {
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
