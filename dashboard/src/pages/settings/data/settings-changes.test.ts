import { describe, expect, test } from 'vitest'
import type { Settings } from '../../../api/answers.ts'
import { changesOf, confirmPhrase, daysFault, settingText, withDraft } from './settings-changes.ts'

const SETTINGS: Settings = {
  promptCapture: false,
  retentionDays: 90,
  contentRetentionDays: 30,
  redactStoredContent: true,
  promptHashMode: 'sha256',
  promptReadReason: 'optional',
  revision: 3,
}

test('only what differs from the settings in force is a change', () => {
  expect(changesOf(SETTINGS, { retentionDays: 90, promptCapture: true })).toEqual(['promptCapture'])
  expect(changesOf(SETTINGS, {})).toEqual([])
})

describe('days', () => {
  test('of records have a range', () => {
    expect(daysFault(SETTINGS)).toBeNull()
    for (const retentionDays of [6, 3651, 7.5, Number.NaN])
      expect(daysFault({ ...SETTINGS, retentionDays })).toContain('7 to 3,650')
  })

  test('of prompts are never more than those of records', () => {
    expect(daysFault({ ...SETTINGS, contentRetentionDays: 91 })).toContain('1 to 90 days')
    expect(daysFault({ ...SETTINGS, contentRetentionDays: 0 })).not.toBeNull()
  })
})

test('prompts that no one asked about follow their records to a shorter time', () => {
  expect(withDraft(SETTINGS, { retentionDays: 14 }).contentRetentionDays).toBe(14)
  expect(withDraft(SETTINGS, { retentionDays: 365 }).contentRetentionDays).toBe(30)
  expect(
    withDraft(SETTINGS, { retentionDays: 14, contentRetentionDays: 20 }).contentRetentionDays,
  ).toBe(20)
})

test('a phrase is to be typed only where something is kept for a shorter time', () => {
  expect(confirmPhrase(SETTINGS, { retentionDays: 30 })).toBe('KEEP 30 DAYS')
  expect(confirmPhrase(SETTINGS, { contentRetentionDays: 7 })).toBe('KEEP PROMPTS 7 DAYS')
  expect(confirmPhrase(SETTINGS, { retentionDays: 365, promptCapture: true })).toBeNull()
})

test('a value is written for people', () => {
  expect(settingText('promptCapture', true)).toBe('on')
  expect(settingText('retentionDays', 3650)).toBe('3,650 days')
  expect(settingText('promptHashMode', 'hmac')).toBe('HMAC-SHA-256')
})
