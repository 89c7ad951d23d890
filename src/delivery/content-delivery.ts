import { createHash } from 'node:crypto'
import fs from 'node:fs'
import { attachmentKey, contentKey } from '../content/content-key.ts'
import { type ContentLine, type DocumentLine, readContentLine } from '../content/content-line.ts'
import type { ContentStore } from '../content/content-store.ts'
import { packDocument } from '../content/stored-content.ts'
import type { ContentEvidence } from '../evidence/evidence.ts'
import { evidenceKey } from '../evidence/evidence-key.ts'
import { createdAtMs, createVersionClock } from '../evidence/record-id.ts'
import { splitLines } from '../split-lines.ts'
import { appendEvidence, type EvidenceSpool } from '../spool/evidence-spool.ts'
import { closedSegments } from '../spool/segment-files.ts'

export interface ContentDeliveryOptions {
  /** Segments of every instance and role below it. */
  readonly spoolRoot: string
  readonly store: ContentStore
  /** Of these calls, those that were erased: their text is dropped. */
  readonly erasedAmong: (
    calls: readonly { readonly org: string; readonly recordId: string }[],
  ) => Promise<ReadonlySet<string>>
  /** Text that waited past its retention is dropped too. */
  readonly isExpired: (org: string, createdAtMs: number) => boolean
  /** Takes the evidence that an object is there. */
  readonly spool: EvidenceSpool
  /** `<instance>/delivery` */
  readonly writer: string
  readonly counters: ContentCounters
}

/** Counted per process since its start; read by the metrics page. */
export interface ContentCounters {
  stored: number
  /** Erased or expired before they were stored. */
  dropped: number
  unreadableLines: number
  backlogBytes: number
  /** 1 while the content store does not take what waits. */
  waiting: number
}

export function createContentCounters(): ContentCounters {
  return { stored: 0, dropped: 0, unreadableLines: 0, backlogBytes: 0, waiting: 0 }
}

const PUTS_AT_ONCE = 8

/**
 * Content spool → content store, oldest first. A segment goes only after every object of it is
 * durable and evidence of that is written; done again after a crash it changes nothing. Records
 * never wait for it.
 */
export function createContentDelivery(options: ContentDeliveryOptions): { pass(): Promise<void> } {
  const { spoolRoot, store, erasedAmong, isExpired, spool, writer, counters } = options
  const version = createVersionClock()

  async function deliver(file: string): Promise<void> {
    const lines = readLines(file, counters)
    const erased = await erasedAmong(
      lines.map(({ org, record_id }) => ({ org, recordId: record_id })),
    )
    const wanted = latestOf(lines).filter(
      ({ org, record_id }) => !erased.has(record_id) && !isExpired(org, createdAtMs(record_id)),
    )
    counters.dropped += latestOf(lines).length - wanted.length
    await inParallel(wanted, async (line) => {
      if (line.kind === 'attachment') return putAttachment(line)
      const key = contentKey(line.org, line.record_id)
      await store.put(key, await packDocument(line.body))
      await appendEvidence(spool, evidenceOf(line, key))
      counters.stored += 1
    })
    fs.unlinkSync(file)
  }

  async function putAttachment({
    org,
    record_id,
    sha256,
    base64,
  }: Extract<ContentLine, { kind: 'attachment' }>): Promise<void> {
    const bytes = Buffer.from(base64, 'base64')
    // Named by what it holds: the name must be true.
    if (createHash('sha256').update(bytes).digest('hex') !== sha256) counters.unreadableLines += 1
    else await store.put(attachmentKey(org, record_id, sha256), bytes)
  }

  function evidenceOf(
    { org, record_id, provider, sha256 }: DocumentLine,
    key: string,
  ): ContentEvidence {
    return {
      kind: 'content',
      ...evidenceKey({ org, recordId: record_id, provider }, version(), writer),
      content_key: key,
      content_sha256: sha256,
    }
  }

  return {
    /**
     * Works off what waits; rejects when the store does not take it, and the next pass tries again.
     */
    async pass() {
      const segments = closedSegments(spoolRoot)
      counters.backlogBytes = segments.reduce((bytes, segment) => bytes + segment.bytes, 0)
      try {
        for (const { file, bytes } of segments) {
          await deliver(file)
          counters.backlogBytes -= bytes
        }
        counters.waiting = 0
      } catch (error) {
        counters.waiting = 1
        throw error
      }
    },
  }
}

/**
 * Unknown lines are counted and dropped: keeping them would retain prompt text past its retention.
 */
function readLines(file: string, counters: ContentCounters): ContentLine[] {
  return splitLines(fs.readFileSync(file)).flatMap((bytes) => {
    const line = readContentLine(bytes)
    if (line === null) counters.unreadableLines += 1
    return line ?? []
  })
}

/**
 * Of a call's documents the last, which holds all that an earlier one did: they are put side by
 * side, in no order.
 */
function latestOf(lines: readonly ContentLine[]): ContentLine[] {
  const last = new Map<string, ContentLine>()
  for (const line of lines)
    last.set(line.kind === 'document' ? line.record_id : `${line.record_id} ${line.sha256}`, line)
  return [...last.values()]
}

async function inParallel<T>(items: readonly T[], act: (item: T) => Promise<void>): Promise<void> {
  const waiting = [...items]
  const work = async () => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await act(item)
  }
  await Promise.all(Array.from({ length: PUTS_AT_ONCE }, work))
}
