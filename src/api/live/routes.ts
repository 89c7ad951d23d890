import { type EventEmitter, once } from 'node:events'
import { setTimeout } from 'node:timers/promises'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { FlintError } from '../../errors.ts'
import { DAY_MS } from '../../evidence/day.ts'
import { FairSlots } from '../../fair/fair-slots.ts'
import type { CallFilter } from '../../store/calls/call-filter.ts'
import { matchesFilter } from '../../store/calls/matches-filter.ts'
import { toCallFilter } from '../audit/filter-query.ts'
import { pickFields, toFields } from '../audit/record-fields.ts'
import { recordsShownTo } from '../audit/record-schema.ts'
import { type Access, requireScope } from '../authentication.ts'
import { COMMON_ERRORS, errorResponses } from '../error-schemas.ts'
import { EventStream } from './event-stream.ts'
import type { LiveFeed } from './live-feed.ts'
import { createEventIds, LiveHeadersSchema, LiveQuerySchema } from './live-query.ts'
import type { LiveBatch } from './organisation-watch.ts'

interface LiveRoutesOptions {
  readonly access: Access
  readonly feed: LiveFeed
  readonly slots: FairSlots
  readonly retentionDaysOf: (org: string) => number
  readonly readableDaysOf: (org: string) => number
  readonly cursorSecret: string | Buffer
  readonly pingMs?: number
}

const PING_MS = 15_000
const LAST_EVENT_MS = 1_000
/** Of one process, and of one organisation. */
const MOST = 50
const MOST_OF_ORG = 25
const TOO_MANY = `Too many streams are open here: ${MOST_OF_ORG} of an organisation are the most. End one, or retry later.`
const EXAMPLE = 'event: record\nid: eyJvcmci…\ndata: {"requestId":"01969bac-…",…}\n\n'
const EVENTS: Readonly<Record<string, unknown>> = {
  'text/event-stream': { schema: Type.String(), examples: { example: { value: EXAMPLE } } },
}

/** For the streams that are open at once. */
export function liveSlots(): FairSlots {
  return new FairSlots({ max: MOST, maxPerOrg: MOST_OF_ORG, maxWaitingPerOrg: 0 })
}

/** `GET /v1/audit/live`: records as they come, as server-sent events. */
export function liveRoutes({
  access,
  feed,
  slots,
  retentionDaysOf,
  readableDaysOf,
  cursorSecret,
  pingMs = PING_MS,
}: LiveRoutesOptions): FastifyPluginAsyncTypebox {
  const { onRequest, principalOf, stillAllowed } = requireScope(access, 'read')
  const ids = createEventIds(cursorSecret)
  const open = new Map<EventStream, EventEmitter>()

  /** What a batch is to one who follows; ends the stream of a key that may not read any more. */
  function send(stream: EventStream, request: FastifyRequest, wanted: Wanted, batch: LiveBatch) {
    const principal = stillAllowed(request)
    if (principal === null) return end(stream, 'invalid_api_key')
    const { org } = principal
    const keptSinceMs = Date.now() - readableDaysOf(org) * DAY_MS
    const id = ids.seal(org, batch.untilMs)
    const shown = recordsShownTo(principal, retentionDaysOf)
    const { filter, fields } = wanted
    for (const requestId of batch.erased) stream.send('erased', { requestId }, id)
    for (const record of batch.records)
      if (Date.parse(record.createdAt) >= keptSinceMs && matchesFilter(record, filter))
        stream.send('record', pickFields(shown(record), fields), id)
    if (batch.skipped > 0) stream.send('skipped', { records: batch.skipped }, id, batch.skipped)
  }

  return async (api) => {
    // A stream lasts as long as its reader stays: an API that ends waits only until each has got
    // its last event, or might have.
    api.addHook('preClose', async () => {
      const gone = [...open.values()].map((answer) => once(answer, 'close'))
      for (const stream of open.keys()) end(stream, 'audit_unavailable')
      await Promise.race([Promise.all(gone), setTimeout(LAST_EVENT_MS, undefined, { ref: false })])
    })

    api.get(
      '/v1/audit/live',
      {
        onRequest,
        exposeHeadRoute: false,
        schema: {
          operationId: 'followAuditRecords',
          summary: 'Follow audit records',
          description:
            'Server-sent events, within a second or two of the store. `record`: a record that is new, or has changed and takes the place of the one with the same `requestId`. `erased`: `{requestId}` of one that is gone. ' +
            '`skipped`: `{records}`, how many are not shown because too many came at once or were read too slowly; the list has them. `unavailable`: the store does not answer, and what comes meanwhile follows. `ping`: the stream goes on, each 15 s and once when it begins to follow. ' +
            '`ended`: `{code}`, why the stream ends. Records that come back after a break may be repeated.',
          tags: ['audit'],
          security: [{ flintKey: [] }],
          querystring: LiveQuerySchema,
          headers: LiveHeadersSchema,
          response: {
            200: {
              description: 'The stream; it does not end by itself.',
              content: EVENTS,
            },
            ...errorResponses(COMMON_ERRORS),
          },
        },
      },
      async (request, reply) => {
        const { org, scopes } = principalOf(request)
        const { fields: names, ...query } = request.query
        const wanted = {
          filter: toCallFilter(query, scopes),
          fields: names === undefined ? null : toFields(names),
        }
        const lastId = request.headers['last-event-id']
        const sinceMs = lastId === undefined ? null : ids.untilMsOf(lastId, org)
        const left = new AbortController()
        reply.raw.once('close', () => left.abort(new Error('the requester has left')))
        const giveBack = await slots.take(org, left.signal).catch(() => {
          throw new FlintError('rate_limited', TOO_MANY)
        })

        const stream = new EventStream()
        open.set(stream, reply.raw)
        const unfollow = feed.follow(org, sinceMs, {
          joined: (untilMs) => stream.send('ping', {}, ids.seal(org, untilMs), 0),
          batch: (batch) => send(stream, request, wanted, batch),
          unavailable: () => stream.send('unavailable', {}, null, 0),
        })
        const pings = setInterval(() => {
          if (stillAllowed(request) === null) end(stream, 'invalid_api_key')
          else stream.send('ping', {}, null, 0)
        }, pingMs)
        stream.once('close', () => {
          clearInterval(pings)
          unfollow()
          giveBack()
          open.delete(stream)
        })
        return (
          reply
            .header('x-accel-buffering', 'no')
            // Or an API that stops waits until the client gives up the connection, 72 s later.
            .header('connection', 'close')
            .type('text/event-stream')
            .send(stream)
        )
      },
    )
  }
}

interface Wanted {
  readonly filter: CallFilter
  /** Null: all. */
  readonly fields: readonly string[] | null
}

function end(stream: EventStream, code: FlintError['code']): void {
  stream.send('ended', { code }, null, 0)
  stream.finish()
}
