import { expect, test } from 'vitest'
import type { AuditRecord } from '../../api/answers.ts'
import { isTextComing } from './use-call.ts'

const NOW = Date.parse('2026-05-04T14:22:01Z')
const RECORD = {
  promptCapture: true,
  promptS3Key: null,
  contentGap: null,
  outcome: 'complete',
  createdAt: '2026-05-04T14:21:30Z',
  completedAt: '2026-05-04T14:22:00Z',
} as AuditRecord

test('text of a call that has just ended may still come, once: then it is there, or never was', () => {
  expect(isTextComing(RECORD, NOW)).toBe(true)
  expect(isTextComing({ ...RECORD, completedAt: null }, NOW)).toBe(true)
  expect(isTextComing(RECORD, NOW + 60_000)).toBe(false)
  expect(isTextComing({ ...RECORD, completedAt: null }, NOW + 30_000)).toBe(false)
  for (const known of [
    { promptS3Key: 'org/2026/05/04/x' },
    { contentGap: 'missing_object' },
    { promptCapture: false },
    { outcome: 'rejected' },
  ])
    expect(isTextComing({ ...RECORD, ...known } as AuditRecord, NOW)).toBe(false)
})
