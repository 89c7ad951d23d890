import { ClickHouseError } from '@clickhouse/client'
import { describe, expect, test } from 'vitest'
import { toStoreError } from './store-error.ts'

describe('a failure of the store', () => {
  test.each([
    ['a row that does not parse', '27', false],
    ['an unknown field', '117', false],
    ['too little memory', '241', true],
    ['a full disk', '243', true],
    ['a table that is not migrated yet', '60', true],
    ['a wrong password', '516', true],
    ['a code no one knows', '99999', true],
  ])('of %s is retryable or not by its code', (_, code, retryable) => {
    const error = toStoreError(
      new ClickHouseError({ message: 'secret value', code, type: 'TYPE' }),
      'insert:evidence',
    )
    expect(error).toMatchObject({ code: Number(code), retryable })
    expect(error.message).not.toContain('secret')
  })

  test('without an answer has no code and may be retried', () => {
    const refused = Object.assign(new Error('connect ECONNREFUSED http://flint:password@host'), {
      code: 'ECONNREFUSED',
    })
    expect(toStoreError(refused, 'ping')).toMatchObject({
      code: null,
      retryable: true,
      message: 'ClickHouse did not answer ping (ECONNREFUSED)',
    })
  })
})
