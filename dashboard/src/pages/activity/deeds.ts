import type { AuditEvent } from '../../api/answers.ts'
import { count } from '../../state/numbers.ts'

/** What was done, for the sentence "who did": of the actions that say all by their name. */
const DEEDS: Readonly<Record<string, string>> = {
  'key.created': 'created a key',
  'key.renamed': 'renamed a key',
  'key.rotated': 'rotated a key',
  'key.revoked': 'revoked a key',
  'settings.changed': 'changed settings',
  'hold.placed': 'placed a legal hold',
  'hold.released': 'released a legal hold',
  'organisation.created': 'created the organisation',
  'organisation.renamed': 'renamed the organisation',
  'prompt.read': 'read a prompt',
  'attachment.read': 'read an attachment',
  'record.erased': 'erased a record',
  'records.erased': 'erased records',
  'records.exported': 'exported records',
  'authentication.failed': 'was refused',
  'session.started': 'signed in',
  'session.ended': 'ended a session',
  'session.refused': 'was refused at sign-in',
  'session.link_made': 'made a one-time sign-in link',
  'mesh.assigned': 'said which organisation workloads belong to',
  'mesh.unassigned': 'took workloads from their organisation',
  'view.changed': 'changed a saved view',
  'sql_user.added': 'added an SQL user',
  'sql_user.changed': 'changed an SQL user',
  'sql_user.removed': 'removed an SQL user',
}
export const ACTIONS: readonly string[] = Object.keys(DEEDS)

/** An action as it is offered in a filter; one of a newer Flint by its name. */
export function actionLabel(action: string): string {
  return DEEDS[action] ?? action
}

const REFUSALS = new Set<string>(['authentication.failed', 'session.refused'])
const REFUSED_BECAUSE: Readonly<Record<string, string>> = {
  missing: 'without a key',
  unknown: 'with an unknown key',
  expired: 'with an expired key',
  revoked: 'with a revoked key',
  forbidden: 'for want of the scope',
}

/** What an event says was done: `switched prompt capture on`, `erased 128 records`. */
export function deed({ action, subject, sessionId, reason, new: now }: AuditEvent): string {
  const plain = actionLabel(action)
  if (action === 'session.ended' && subject === sessionId) return 'signed out'
  if (action === 'settings.changed') return settingsDeed(now ?? {}) ?? plain
  if (action === 'records.erased' && typeof now?.['matched'] === 'number')
    return `erased ${count(now['matched'])} records`
  if (action === 'records.exported' && typeof now?.['rows'] === 'number')
    return `exported ${count(now['rows'])} records as ${String(now['format'])}${now['prompts'] === true ? ', prompts too' : ''}`
  if (REFUSALS.has(action)) {
    const why = REFUSED_BECAUSE[reason ?? '']
    const times =
      typeof now?.['count'] === 'number' && now['count'] > 1 ? `, ${now['count']} times` : ''
    return why === undefined ? plain + times : `${plain} ${why}${times}`
  }
  return plain
}

function settingsDeed(now: Readonly<Record<string, unknown>>): string | undefined {
  const names = Object.keys(now)
  if (names.length !== 1) return undefined
  if (names[0] === 'promptCapture')
    return `switched prompt capture ${now['promptCapture'] === true ? 'on' : 'off'}`
  if (names[0] === 'retentionDays') return `set retention to ${now['retentionDays']} days`
  return undefined
}

/** The reason that someone gave; the kind of a refusal is said in the deed already. */
export function givenReason({ action, reason }: AuditEvent): string | null {
  return REFUSALS.has(action) ? null : reason
}
