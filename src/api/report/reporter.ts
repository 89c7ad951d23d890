import { createHash, randomBytes } from 'node:crypto'
import { UUID, uuidv7 } from 'uuidv7'
import { BoundedMap } from '../../bounded-map.ts'
import { capturePolicyOf } from '../../content/capture-policy.ts'
import {
  type CapturedContent,
  nothingCaptured,
  withoutObject,
} from '../../content/captured-content.ts'
import type { ContentCapture } from '../../content/content-capture.ts'
import { appendLines, type ContentSpool } from '../../content/content-line.ts'
import { FlintError } from '../../errors.ts'
import { answerColumns } from '../../evidence/answer-columns.ts'
import { DAY_MS } from '../../evidence/day.ts'
import type { CapturedColumns, ReportEvidence } from '../../evidence/evidence.ts'
import { evidenceKey } from '../../evidence/evidence-key.ts'
import { createdAtMs, createVersionClock } from '../../evidence/record-id.ts'
import type { KeyPrincipal } from '../../identity/principal.ts'
import type { SettingsSource } from '../../identity/settings.ts'
import { type PriceCall, priceCall } from '../../pricing/cost.ts'
import { type ActiveProviders, SHIPPED_PROVIDERS } from '../../providers/active-providers.ts'
import type { ExchangeFacts } from '../../providers/reading/exchange-facts.ts'
import { extractFromReportInTurns } from '../../providers/reading/report.ts'
import { appendEvidence, type EvidenceSpool } from '../../spool/evidence-spool.ts'
import type { MadeReport, ReportKeys } from '../../store/identity/report-keys.ts'
import { parseIsoTime } from '../audit/iso-time.ts'
import type { ReportBody } from './report-body.ts'

export interface ReporterOptions {
  readonly spool: EvidenceSpool
  readonly keys: ReportKeys
  readonly settings: Pick<SettingsSource, 'settingsOf'>
  readonly contentSpool: ContentSpool
  readonly content: ContentCapture
  /** For prompt hashes in mode `hmac`. */
  readonly promptHashSecret: Buffer
  /** `<instance>/api` */
  readonly writer: string
  /** Default: those that Flint ships. */
  readonly providers?: ActiveProviders
  /** Default: list prices of the bundled book. */
  readonly price?: PriceCall
  readonly nowMs?: () => number
}

/**
 * Takes reports of calls that did not pass Envoy: the same extraction and pricing as in the proxy,
 * one evidence row each.
 */
export interface Reporter {
  /**
   * Resolves once the row is durable. With an idempotency key, the record that the key made first.
   */
  report(
    principal: KeyPrincipal,
    body: ReportBody,
    idempotencyKey: string | null,
  ): Promise<{ requestId: string; createdAt: string }>
}

/** Clocks of clients run ahead a little. */
const AHEAD_MS = 60_000
const MAX_REMEMBERED = 10_000
const MAX_ATTACHMENT_BYTES = 24 * 1024 * 1024

export function createReporter(options: ReporterOptions): Reporter {
  const {
    spool,
    keys,
    settings,
    contentSpool,
    content,
    promptHashSecret,
    writer,
    price = priceCall,
    nowMs = Date.now,
    providers = SHIPPED_PROVIDERS,
  } = options
  const version = createVersionClock(nowMs)
  /**
   * Reports under way and made here lately: two at once with one key make one record, also while
   * the store is away.
   */
  const recent = new BoundedMap<string, Promise<MadeReport>>(MAX_REMEMBERED)

  async function make(principal: KeyPrincipal, body: ReportBody): Promise<string> {
    const requestId = recordIdAt(startOf(body, nowMs()))
    const policy = capturePolicyOf(settings.settingsOf(principal.org))
    // A query may hold a key.
    const endpoint = body.endpoint.split('?')[0] ?? ''
    const { response, messages, system } = body
    const provider = providers.named(body.provider)
    if (provider === undefined)
      throw new FlintError(
        'invalid_request',
        `provider names none that is configured: use ${providers.list}.`,
      )
    const status = body.status ?? 200
    const facts = await extractFromReportInTurns(
      { provider, endpoint, response, status, messages, system },
      { text: policy !== null, maxAttachmentBytes: MAX_ATTACHMENT_BYTES },
    )
    const row = {
      ...evidenceOf({
        requestId,
        principal,
        body,
        endpoint,
        status,
        facts,
        version: version(),
        writer,
        price,
      }),
      ...(await captureText(requestId, principal, body.provider, endpoint, facts, policy)),
    }
    await appendEvidence(spool, row).catch((cause: unknown) => {
      throw new FlintError(
        'audit_unavailable',
        'The report cannot be stored right now. Retry later.',
        { cause },
      )
    })
    return requestId
  }

  /** Content first: a row never names an object that is not at least on its way. */
  async function captureText(
    recordId: string,
    { org }: KeyPrincipal,
    provider: ReportBody['provider'],
    endpoint: string,
    { text, model, textGap }: ExchangeFacts,
    policy: ReturnType<typeof capturePolicyOf>,
  ): Promise<CapturedColumns> {
    if (policy === null || text === null)
      return { ...nothingCaptured(policy !== null), content_gap: textGap }
    const request = {
      call: { org, recordId, provider, model, endpoint },
      text,
      policy,
      secret: promptHashSecret,
    }
    const kept = await new Promise<CapturedContent | null>((resolve) =>
      content.capture(request, resolve),
    )
    if (kept === null) return { ...nothingCaptured(true), content_gap: 'capture_failed' }
    const { columns, lines } = kept
    // The users' guide: the preview of the completion in proxy mode only; the whole of it is kept
    // in both.
    const reported = { ...columns, completion_preview: null, content_gap: textGap }
    return new Promise((resolve) =>
      appendLines(contentSpool, lines, (error) =>
        resolve(error ? withoutObject(reported) : reported),
      ),
    )
  }

  async function makeOnce(
    principal: KeyPrincipal,
    body: ReportBody,
    keyHash: string,
    bodyHash: string,
  ): Promise<MadeReport> {
    const key = { org: principal.org, keyHash }
    // A store that is away must not cost a report: then only this process knows the key.
    const earlier = await keys.find(key).catch(() => null)
    if (earlier) return earlier
    const made = { requestId: await make(principal, body), bodyHash }
    await keys.remember(key, made).catch(() => undefined)
    return made
  }

  return {
    async report(principal, body, idempotencyKey) {
      if (idempotencyKey === null) return answer(await make(principal, body))
      const keyHash = sha256(idempotencyKey)
      const bodyHash = sha256(jsonOf(body))
      const name = `${principal.org} ${keyHash}`
      let making = recent.get(name)
      if (!making) {
        making = makeOnce(principal, body, keyHash, bodyHash)
        recent.set(name, making)
        // A report that failed has made nothing: the next try is a first one.
        making.catch(() => recent.delete(name))
      }
      const made = await making
      if (made.bodyHash !== bodyHash)
        throw new FlintError('conflict', 'This Idempotency-Key was used for another report.')
      return answer(made.requestId)
    },
  }
}

function answer(requestId: string): { requestId: string; createdAt: string } {
  return { requestId, createdAt: new Date(createdAtMs(requestId)).toISOString() }
}

/** A body nested too deep to be written again is compared by what else it says. */
function jsonOf(body: ReportBody): string {
  try {
    return JSON.stringify(body)
  } catch {
    const { response: _response, messages: _messages, ...rest } = body
    return JSON.stringify(rest)
  }
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

/** null: now. */
function startOf({ startedAt }: ReportBody, nowMs: number): number | null {
  if (startedAt === undefined || startedAt === null) return null
  const atMs = parseIsoTime(startedAt)?.ms ?? Number.NaN
  if (!(atMs > nowMs - DAY_MS && atMs <= nowMs + AHEAD_MS))
    throw new FlintError(
      'invalid_request',
      'startedAt must be an ISO 8601 time within the last 24 hours.',
    )
  return atMs
}

function recordIdAt(atMs: number | null): string {
  if (atMs === null) return uuidv7()
  const random = randomBytes(10)
  return UUID.fromFieldsV7(
    atMs,
    random.readUInt16BE(0) & 0xfff,
    random.readUInt32BE(2) >>> 2,
    random.readUInt32BE(6),
  ).toString()
}

interface ReportedCall {
  readonly requestId: string
  readonly principal: KeyPrincipal
  readonly body: ReportBody
  readonly endpoint: string
  readonly status: number
  readonly facts: ExchangeFacts
  readonly version: number
  readonly writer: string
  readonly price: PriceCall
}

function evidenceOf(call: ReportedCall): Omit<ReportEvidence, keyof CapturedColumns> {
  const { requestId, principal, body, endpoint, status, facts, version, writer, price } = call
  const atMs = createdAtMs(requestId)
  return {
    kind: 'report',
    ...evidenceKey(
      { org: principal.org, recordId: requestId, provider: body.provider },
      version,
      writer,
    ),
    final: true,
    method: 'POST',
    endpoint,
    key_id: principal.keyId,
    key_hint: null,
    status,
    ...answerColumns(facts, price({ ...facts, org: principal.org, provider: body.provider, atMs })),
    request_bytes: null,
    response_bytes: null,
    answer_end_bytes: null,
    request_complete: true,
    response_complete: true,
    gap: facts.unreadable,
    latency_ms: roundedOrNull(body.latencyMs),
    time_to_first_byte_ms: null,
    tags: {},
  }
}

function roundedOrNull(value: number | null | undefined): number | null {
  return value === undefined || value === null ? null : Math.round(value)
}
