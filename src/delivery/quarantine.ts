import { createHash } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { dayOf } from '../evidence/day.ts'
import { evidenceLine } from '../evidence/evidence-line.ts'
import { createdAtMs } from '../evidence/record-id.ts'
import { evidenceLines } from '../spool/evidence-lines.ts'
import type { DeadLetters } from './dead-letters.ts'
import { PART, writeDurably } from './durable-file.ts'
import {
  bareSubstituteFor,
  type ReadRow,
  readRow,
  refusedRowId,
  substituteFor,
} from './refused-row.ts'

/** Counted per process since its start, but for the bytes, which are there now. */
export interface QuarantineCounters {
  /** Rows that were refused for what they are; each left a letter. */
  deadLetters: number
  /** Of these, rows of which no record can say anything. */
  deadLettersWithoutRecord: number
  quarantineBytes: number
  /** Rows that were stored in the end: they stood beside a refused one. */
  quarantineRowsStored: number
}

export function createQuarantineCounters(): QuarantineCounters {
  return {
    deadLetters: 0,
    deadLettersWithoutRecord: 0,
    quarantineBytes: 0,
    quarantineRowsStored: 0,
  }
}

export interface QuarantineOptions {
  readonly directory: string
  readonly letters: DeadLetters
  readonly insert: (lines: Buffer, token: string) => Promise<void>
  readonly isRetryable: (error: unknown) => boolean
  readonly erasedAmong: (
    calls: readonly { readonly org: string; readonly recordId: string }[],
  ) => Promise<ReadonlySet<string>>
  readonly counters: QuarantineCounters
  readonly statementsPerPass?: number
  /** Beyond it an organisation's rows are not sorted out any more: see `MANY_ROWS`. */
  readonly maxBytesPerOrg?: number
  /** For so long after a refusal the organisation's rows come here first. */
  readonly probationMs?: number
  readonly nowMs?: () => number
}

/**
 * Rows of organisations that had one refused, in files until each was stored or is a letter. The
 * state is in the files: a process killed between two steps begins the last one again, and doing
 * it twice changes nothing.
 */
export interface Quarantine {
  /**
   * True while rows of this organisation wait here, or one was refused a moment ago: later ones
   * come here as well, so that a sender of rows that are refused costs the others statements
   * once, not with every batch.
   */
  holds(org: string): boolean
  /** No organisation is held. */
  readonly isEmpty: boolean
  /** Returns once the rows are on disk. */
  add(org: string, lines: readonly Buffer[], token: string): void
  /**
   * Works off a bounded number of statements, in turns by organisation. Rejects where ClickHouse
   * does not answer.
   */
  pass(): Promise<void>
}

const STATEMENTS_PER_PASS = 10
const PROBATION_MS = 60_000
const MAX_BYTES_PER_ORG = 16 * 1024 * 1024
/**
 * So many rows of an organisation over its bound become letters at once, the good ones among them
 * as well.
 */
const MANY_ROWS = 256
const SUFFIX = '.ndjson'

export function createQuarantine(options: QuarantineOptions): Quarantine {
  const {
    directory,
    letters,
    insert,
    isRetryable,
    erasedAmong,
    counters,
    nowMs = Date.now,
  } = options
  const {
    statementsPerPass = STATEMENTS_PER_PASS,
    maxBytesPerOrg = MAX_BYTES_PER_ORG,
    probationMs = PROBATION_MS,
  } = options
  /** Bytes that wait, in the order of turns: who had one goes to the end. */
  const waiting = new Map<string, number>()
  const refusedAtMs = new Map<string, number>()
  for (const org of namesIn(directory)) {
    for (const name of namesIn(path.join(directory, org)))
      if (name.endsWith(PART)) fs.rmSync(path.join(directory, org, name))
    const bytes = namesIn(path.join(directory, org)).reduce(
      (sum, name) => sum + fs.statSync(path.join(directory, org, name)).size,
      0,
    )
    if (bytes > 0) waiting.set(org, bytes)
  }
  count()

  function count(): void {
    counters.quarantineBytes = [...waiting.values()].reduce((sum, bytes) => sum + bytes, 0)
  }

  function write(org: string, name: string, lines: readonly Buffer[]): void {
    writeDurably(path.join(directory, org, name), Buffer.concat([...lines]))
  }

  /** Returns how many statements it took. */
  async function work(org: string): Promise<number> {
    const name = segmentsOf(org)[0]
    if (name === undefined) {
      waiting.delete(org)
      return 0
    }
    const file = path.join(directory, org, name)
    const content = fs.readFileSync(file)
    const lines = evidenceLines(content)
    let statements = 1
    try {
      await insert(Buffer.concat(lines), tokenOf(name))
      counters.quarantineRowsStored += lines.length
    } catch (error) {
      if (isRetryable(error)) throw error
      refusedAtMs.set(org, nowMs())
      const isMuch = (waiting.get(org) ?? 0) > maxBytesPerOrg
      if (lines.length > (isMuch ? MANY_ROWS : 1)) {
        const middle = lines.length >> 1
        const stem = name.slice(0, -SUFFIX.length)
        write(org, `${stem}.0${SUFFIX}`, lines.slice(0, middle))
        write(org, `${stem}.1${SUFFIX}`, lines.slice(middle))
        fs.unlinkSync(file)
        return 1
      }
      statements += await bury(lines, error, tokenOf(name))
    }
    fs.unlinkSync(file)
    const left =
      segmentsOf(org).length === 0 ? 0 : Math.max(1, (waiting.get(org) ?? 0) - content.length)
    if (left === 0) waiting.delete(org)
    else waiting.set(org, left)
    return statements
  }

  /**
   * Letters first, then what stands for the rows in their records: who is killed in between does
   * both again.
   */
  async function bury(lines: readonly Buffer[], error: unknown, token: string): Promise<number> {
    const rows = lines.map((line) => ({ line, ...readRow(line) }))
    const calls = rows.flatMap(({ org, row }) =>
      row === null ? [] : [{ org, recordId: row.record_id }],
    )
    const erased = await erasedAmong(calls)
    const refused = rows.filter(({ row }) => row === null || !erased.has(row.record_id))
    for (const each of refused)
      await letters.keep(
        letterOf(each, error),
        dayOf(each.row === null ? nowMs() : createdAtMs(each.row.record_id)),
      )
    counters.deadLetters += refused.length
    const keyed = refused.flatMap(({ row }) => (row === null ? [] : [row]))
    counters.deadLettersWithoutRecord += refused.length - keyed.length
    if (keyed.length === 0) return 1
    for (const [round, standIn] of [substituteFor, bareSubstituteFor].entries()) {
      try {
        await insert(
          Buffer.from(keyed.map((row) => evidenceLine(standIn(row))).join('')),
          `${token}.substitute.${round}`,
        )
        return 2 + round
      } catch (refusal) {
        if (isRetryable(refusal)) throw refusal
      }
    }
    counters.deadLettersWithoutRecord += keyed.length
    return 3
  }

  function letterOf({ line, org, row }: ReadRow & { readonly line: Buffer }, error: unknown) {
    return {
      id: refusedRowId(line, row),
      org,
      recordId: row?.record_id ?? null,
      kind: row?.kind ?? null,
      refusedAt: new Date(nowMs()).toISOString(),
      reason: error instanceof Error ? error.message.slice(0, 500) : 'unknown',
      row: line.toString('utf8').trimEnd(),
    }
  }

  function isOnProbation(org: string): boolean {
    const sinceMs = nowMs() - (refusedAtMs.get(org) ?? Number.NEGATIVE_INFINITY)
    if (sinceMs < probationMs) return true
    refusedAtMs.delete(org)
    return false
  }

  function segmentsOf(org: string): string[] {
    return namesIn(path.join(directory, org)).filter((name) => name.endsWith(SUFFIX))
  }

  return {
    holds: (org) => waiting.has(org) || isOnProbation(org),
    get isEmpty() {
      return waiting.size === 0 && ![...refusedAtMs.keys()].some(isOnProbation)
    },
    add(org, lines, token) {
      // Names sort in the order in which rows came.
      write(org, `${String(nowMs()).padStart(15, '0')}-${tokenOf(token)}${SUFFIX}`, lines)
      waiting.set(org, (waiting.get(org) ?? 0) + lines.reduce((sum, line) => sum + line.length, 0))
      count()
    },
    async pass() {
      for (let statements = 0; statements < statementsPerPass; ) {
        const [org] = waiting.keys()
        if (org === undefined) break
        statements += await work(org)
        const bytes = waiting.get(org)
        if (bytes === undefined) continue
        waiting.delete(org)
        waiting.set(org, bytes)
      }
      count()
    },
  }
}

/** Of one length, whatever it is made of. */
function tokenOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32)
}

function namesIn(folder: string): string[] {
  return fs.existsSync(folder) ? fs.readdirSync(folder).sort() : []
}
