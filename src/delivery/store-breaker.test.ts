import { describe, expect, test } from 'vitest'
import { createStoreBreaker } from './store-breaker.ts'

describe('a ClickHouse that takes nothing', () => {
  test('is asked for nothing else after the first error that lasts, and again once a batch was taken', async () => {
    const breaker = createStoreBreaker()
    let asked = 0
    const settle = breaker.unlessOpen(async () => ++asked)
    expect(await settle()).toBe(1)
    breaker.failed(true)
    expect([breaker.isOpen(), await settle(), asked]).toEqual([true, null, 1])
    breaker.succeeded()
    expect([breaker.isOpen(), await settle()]).toEqual([false, 2])
  })

  test('is given three tries in a row where the trouble may pass', () => {
    const breaker = createStoreBreaker()
    breaker.failed(false)
    breaker.failed(false)
    breaker.succeeded()
    breaker.failed(false)
    breaker.failed(false)
    expect(breaker.isOpen()).toBe(false)
    breaker.failed(false)
    expect(breaker.isOpen()).toBe(true)
  })
})
