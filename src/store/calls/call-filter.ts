import type { Provider } from '../../evidence/evidence.ts'
import type { Parameter } from '../client/client.ts'

/** What to list; every part narrows. */
export interface CallFilter {
  /** Inclusive. */
  readonly fromMs?: number | undefined
  /** Exclusive. */
  readonly toMs?: number | undefined
  readonly provider?: Provider | undefined
  /** Equal to the model that answered or the one asked for; a trailing `*` makes it a prefix. */
  readonly model?: string | undefined
  readonly sessionId?: string | undefined
  readonly callerRequestId?: string | undefined
  readonly tag?: { readonly name: string; readonly value: string } | undefined
}

/** A condition of fixed text and the values bound to it. */
export interface Condition {
  readonly sql: string
  readonly params: Readonly<Record<string, Parameter>>
}

/**
 * The one place where a filter becomes SQL. No text of the filter is ever part of a statement; time
 * is the window's business.
 */
export function filterCondition({
  provider,
  model,
  tag,
  sessionId,
  callerRequestId,
}: CallFilter): Condition {
  return allOf([
    ...(provider === undefined
      ? []
      : [{ sql: 'provider = {provider:String}', params: { provider } }]),
    ...(model === undefined ? [] : [modelCondition(model)]),
    ...(sessionId === undefined
      ? []
      : [{ sql: 'session_id = {session_id:String}', params: { session_id: sessionId } }]),
    ...(callerRequestId === undefined
      ? []
      : [
          {
            sql: 'caller_request_id = {caller_request_id:String}',
            params: { caller_request_id: callerRequestId },
          },
        ]),
    ...(tag === undefined
      ? []
      : [
          // A map gives '' for a name it does not hold.
          {
            sql: 'mapContains(tags, {tag_name:String}) AND tags[{tag_name:String}] = {tag_value:String}',
            params: { tag_name: tag.name, tag_value: tag.value },
          },
        ]),
  ])
}

/**
 * `before` is the position of a page's last row; rows with the same milliseconds differ in their
 * id.
 */
export function pageCondition(
  window: { fromMs: number; toMs: number },
  before: { createdAtMs: number; recordId: string } | undefined,
): Condition {
  const { fromMs, toMs } = window
  return allOf([
    { sql: `created_at >= ${time('from_ms')}`, params: { from_ms: fromMs } },
    ...(toMs === Number.POSITIVE_INFINITY
      ? []
      : [{ sql: `created_at < ${time('to_ms')}`, params: { to_ms: toMs } }]),
    ...(before === undefined
      ? []
      : [
          {
            sql: `(created_at, record_id) < (${time('before_ms')}, {before_id:UUID})`,
            params: { before_ms: before.createdAtMs, before_id: before.recordId },
          },
        ]),
  ])
}

export function allOf(conditions: readonly Condition[]): Condition {
  return {
    sql: conditions.map(({ sql }) => `(${sql})`).join(' AND ') || 'true',
    params: Object.assign({}, ...conditions.map(({ params }) => params)),
  }
}

/**
 * A bound number of milliseconds as a time: constant for the engine, so that the sorting key is
 * used.
 */
export function time(parameter: string): string {
  return `fromUnixTimestamp64Milli({${parameter}:Int64}, 'UTC')`
}

function modelCondition(model: string): Condition {
  return model.endsWith('*')
    ? {
        sql: 'startsWith(model, {model:String}) OR startsWith(request_model, {model:String})',
        params: { model: model.slice(0, -1) },
      }
    : { sql: 'model = {model:String} OR request_model = {model:String}', params: { model } }
}
