import { describe, expect, test } from 'vitest'
import { createStoreBreaker } from './store-breaker.ts'

describe('a ClickHouse that takes nothing', () => {
  test('is asked for nothing else after the first error that lasts, and again once a batch was taken', async () => {
    const counters = { heldBack: 0 }
    const breaker = createStoreBreaker(counters)
    let asked = 0
    const settle = breaker.unlessOpen(async () => ++asked)
    expect(await settle()).toBe(1)
    breaker.failed(true)
    expect([counters.heldBack, breaker.isOpen(), await settle(), asked]).toEqual([1, true, null, 1])
    breaker.succeeded()
    expect([counters.heldBack, breaker.isOpen(), await settle()]).toEqual([0, false, 2])
  })

  test('is given three tries in a row where the trouble may pass', () => {
    const breaker = createStoreBreaker({ heldBack: 0 })
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
