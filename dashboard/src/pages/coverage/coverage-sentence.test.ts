import { expect, test } from 'vitest'
import { coverageSaid } from './coverage-sentence.ts'

const ledger = {
  from: '',
  to: '',
  calls: 412_903,
  lost: 42,
  open: 3,
  coverage: 0.999898,
  envoyOnly: 0,
  differing: 0,
  windows: [],
  losses: [],
}

test('a ledger says what was let through, observed, lost and is open, and what Envoy knows', () => {
  expect(coverageSaid(ledger, 'in the last 24 h')).toEqual({
    figure: '99.989 %',
    sentence:
      'Of 412,903 calls let through in the last 24 h, 412,858 were wholly observed, 42 were not,' +
      ' 3 are still open. Envoy’s own log knows no call that Flint does not.',
    kind: 'lost',
  })
})

test('no loss is said as plainly as one', () => {
  const whole = { ...ledger, lost: 0, open: 0, coverage: 1, calls: 12 }
  expect(coverageSaid(whole, 'in the last hour')).toMatchObject({
    figure: '100 %',
    kind: 'whole',
    sentence: expect.stringContaining('12 were wholly observed, 0 were not.'),
  })
})

test('without a call the coverage is not known, and not 100 %', () => {
  const none = { ...ledger, calls: 0, lost: 0, open: 0, coverage: null }
  expect(coverageSaid(none, 'in the last hour')).toMatchObject({ figure: '—', kind: 'unknown' })
})

test('calls that only Envoy knows are said', () => {
  expect(coverageSaid({ ...ledger, envoyOnly: 1 }, 'today').sentence).toContain(
    'Envoy’s own log has 1 call that no gate let through.',
  )
})
