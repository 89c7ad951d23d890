import { describe, expect, test } from 'vitest'
import type { RecordPart } from '../../api/answers.ts'
import { columnNamed, titleOf } from './columns.ts'

const context = { timeZone: 'Asia/Kathmandu', keyNames: { key_1: 'ci' } }
const record: RecordPart = { requestId: 'id', createdAt: '2026-05-04T14:22:01.123Z' }
const shown = (id: string, fields: Partial<RecordPart>) => {
  const column = columnNamed(id)
  if (column === undefined) throw new Error(`there is no column ${id}`)
  const call = { ...record, ...fields }
  return { text: column.text(call, context), title: titleOf(column, call, context) }
}

describe('a cell', () => {
  test('of what is not known is a dash with the reason, never 0', () => {
    const { text, title } = shown('cost', { costUsd: null, costReason: 'unknown_model' })
    expect([text, title]).toEqual(['—', 'Not known: unknown model'])
    expect(shown('inOut', { inputTokens: 24, outputTokens: null }).text).toBe('24 / —')
    expect(shown('cached', { cachedInputTokens: 0 }).text).toBe('0')
  })

  test('of what is estimated says so', () => {
    expect(shown('cost', { costUsd: 0.000078, costStatus: 'estimated' }).text).toBe('~0.000078')
    expect(shown('inOut', { inputTokens: 1, outputTokens: 2, usageSource: 'partial' }).text).toBe(
      '~1 / 2',
    )
  })

  test('of a time is in the zone of the page', () => {
    const { text, title } = shown('time', {})
    expect([text, title]).toEqual(['20:07:01.123', '2026-05-04 20:07:01.123 Asia/Kathmandu'])
  })

  test('of a key has its name and the end of the provider’s key', () => {
    expect(shown('key', { keyId: 'key_1', keyHint: '...k3f2' }).text).toBe('ci …k3f2')
  })

  test('of a tag has its value', () => {
    expect(shown('tag:team', { tags: { team: 'search' } }).text).toBe('search')
    expect(shown('tag:team', { tags: {} }).text).toBe('—')
  })
})
