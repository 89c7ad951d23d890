import type { TokenUsage } from '../../evidence/usage.ts'
import { addUsage } from '../usage/billed-sum.ts'

/** Turns that are listed one by one; those after them as one sum. */
const MAX_LISTED = 256

/** One entry of the list: a turn, a transcription, or the sum of those that are not listed. */
interface Entry {
  readonly kind: 'turn' | 'transcription' | 'rest'
  readonly usage: TokenUsage | null
  /** Of a rest: how many entries it is the sum of. */
  readonly count: number
}

/**
 * The turns of one socket and what each of them used. The sum of all entries is what the socket
 * used.
 */
export class SocketTurns {
  readonly #entries: Entry[] = []
  #rest: Entry | null = null
  #turns = 0
  /** Of the turn that is on its way. */
  #open: TokenUsage | null = null
  /** What comes now is of the turn before: it ended, and nothing of another has come. */
  #isEnded = false

  /** How many there were, ended or with usage. */
  get count(): number {
    return this.#turns + (this.#open === null ? 0 : 1)
  }

  /** Something of a turn came that is no usage. */
  began(): void {
    this.#isEnded = false
  }

  /** Usage of the turn that is on its way, or of the one that has just ended. */
  used(usage: TokenUsage): void {
    if (this.#isEnded) this.#addToLast(usage)
    else this.#open = sumOf(this.#open, usage)
  }

  ended(): void {
    this.#add(turnOf(this.#open))
    this.#turns += 1
    this.#open = null
    this.#isEnded = true
  }

  /** What was heard is no turn, but is used as well. */
  heard(usage: TokenUsage): void {
    this.#add({ kind: 'transcription', usage, count: 1 })
  }

  /**
   * JSON for the evidence: a list of `{input, output, cached?}`, null for a turn without usage;
   * `transcription: true` for what was heard; beyond 256 entries one `{more, …}` with the number
   * and the sum of those that follow. Null where no turn used anything.
   */
  usageJson(): string | null {
    const entries = [...this.#entries]
    let rest = this.#rest
    // One that broke off after its usage came.
    if (this.#open !== null) rest = listed(entries, rest, turnOf(this.#open))
    if (rest !== null) entries.push(rest)
    return entries.some(({ usage }) => usage !== null) ? JSON.stringify(entries.map(shown)) : null
  }

  #add(entry: Entry): void {
    this.#rest = listed(this.#entries, this.#rest, entry)
  }

  #addToLast(usage: TokenUsage): void {
    if (this.#rest !== null) {
      this.#rest = { ...this.#rest, usage: sumOf(this.#rest.usage, usage) }
      return
    }
    const last = this.#entries.findLastIndex(({ kind }) => kind === 'turn')
    const entry = this.#entries[last]
    if (entry !== undefined) this.#entries[last] = { ...entry, usage: sumOf(entry.usage, usage) }
  }
}

function turnOf(usage: TokenUsage | null): Entry {
  return { kind: 'turn', usage, count: 1 }
}

/** Adds an entry to the list, or to the sum of those it does not hold, which is returned. */
function listed(entries: Entry[], rest: Entry | null, entry: Entry): Entry | null {
  if (entries.length < MAX_LISTED) {
    entries.push(entry)
    return rest
  }
  return {
    kind: 'rest',
    usage: entry.usage === null ? (rest?.usage ?? null) : sumOf(rest?.usage ?? null, entry.usage),
    count: (rest?.count ?? 0) + 1,
  }
}

function sumOf(before: TokenUsage | null, usage: TokenUsage): TokenUsage {
  return before === null ? usage : addUsage(before, usage)
}

function shown({ kind, usage, count }: Entry): object | null {
  const more = kind === 'rest' ? { more: count } : {}
  const heard = kind === 'transcription' ? { transcription: true } : {}
  if (usage === null)
    return kind === 'turn' ? null : { ...more, ...heard, input: null, output: null }
  const cached = usage.cachedInputTokens === null ? {} : { cached: usage.cachedInputTokens }
  return { ...more, ...heard, input: usage.inputTokens, output: usage.outputTokens, ...cached }
}
