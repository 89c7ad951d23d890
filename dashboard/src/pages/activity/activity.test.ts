import { describe, expect, test } from 'vitest'
import { EVENT_ACTIONS } from '../../../../src/identity/events.ts'
import type { AuditEvent } from '../../api/answers.ts'
import { changedFields, fieldText } from './changed-fields.ts'
import { eventsCsv } from './csv.ts'
import { actionLabel, deed } from './deeds.ts'
import { groupReads } from './grouped-reads.ts'
import { PRESETS } from './presets.ts'

let made = 0
function event(given: Partial<AuditEvent>): AuditEvent {
  made += 1
  return {
    id: `event ${made}`,
    at: '2026-05-04T14:22:01.123456Z',
    actor: 'key_1',
    actorKind: 'key',
    actorName: 'ci',
    via: 'api',
    sessionId: null,
    action: 'prompt.read',
    subject: 'call 1',
    reason: null,
    old: null,
    new: null,
    ...given,
  } as AuditEvent
}

describe('what was done', () => {
  test.each(EVENT_ACTIONS)('has a sentence for %s', (action) => {
    expect(actionLabel(action)).not.toBe(action)
  })

  test('says the one setting that was changed', () => {
    const action = 'settings.changed'
    expect(deed(event({ action, new: { promptCapture: true } }))).toBe('switched prompt capture on')
    expect(deed(event({ action, new: { promptCapture: false } }))).toBe(
      'switched prompt capture off',
    )
    expect(deed(event({ action, new: { promptCapture: true, retentionDays: 7 } }))).toBe(
      'changed settings',
    )
  })

  test('says who signed out, and who ended the session of another', () => {
    const ended = { action: 'session.ended', subject: 'ses_1' } as const
    expect(deed(event({ ...ended, sessionId: 'ses_1' }))).toBe('signed out')
    expect(deed(event({ ...ended, sessionId: 'ses_2' }))).toBe('ended a session')
  })

  test('says how many records, and how often it was refused', () => {
    expect(deed(event({ action: 'records.erased', new: { matched: 1280 } }))).toBe(
      'erased 1,280 records',
    )
    expect(
      deed(event({ action: 'records.exported', new: { rows: 3, format: 'csv', prompts: true } })),
    ).toBe('exported 3 records as csv, prompts too')
    expect(
      deed(event({ action: 'authentication.failed', reason: 'revoked', new: { count: 4 } })),
    ).toBe('was refused with a revoked key, 4 times')
  })
})

test('presets ask for actions that there are', () => {
  for (const { actions } of PRESETS)
    for (const action of actions) expect(actionLabel(action)).not.toBe(action)
})

test('of what was changed only the fields that differ are shown', () => {
  const fields = changedFields({
    old: { name: 'ci', scopes: ['read'], revokedAt: null },
    new: { name: 'ci', scopes: ['read', 'events'], revokedAt: null },
  })
  expect(fields).toEqual([{ name: 'scopes', old: ['read'], new: ['read', 'events'] }])
  expect(fieldText(fields[0]?.new)).toBe('read events')
  expect(changedFields(event({}))).toEqual([])
})

describe('reads of prompts', () => {
  const day = (at: string) => at.slice(0, 10)

  test('of one reader and day are one entry, where the newest of them is', () => {
    const reads = [1, 2, 3].map(() => event({}))
    const change = event({ action: 'key.created' })
    const [first, second, third] = reads as [AuditEvent, AuditEvent, AuditEvent]
    const entries = groupReads([first, change, second, third], day)
    expect(entries).toEqual([
      { kind: 'reads', day: '2026-05-04', reads },
      { kind: 'event', event: change },
    ])
  })

  test('of others and of other days are apart, and a single one stays an event', () => {
    const events = [event({}), event({ actor: 'key_2' }), event({ at: '2026-05-03T10:00:00.000Z' })]
    expect(groupReads(events, day)).toEqual(events.map((one) => ({ kind: 'event', event: one })))
  })
})

test('a CSV cell is never a formula, and quotes what would break its row', () => {
  const csv = eventsCsv([event({ reason: '=HYPERLINK("x")', subject: 'a,b', actorName: '-ci' })])
  const [, row] = csv.split('\r\n')
  expect(row).toContain(`"'=HYPERLINK(""x"")"`)
  expect(row).toContain('"a,b"')
  expect(row).toContain(",'-ci,")
})
