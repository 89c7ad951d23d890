import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { certaintyOf, type PriceBasis, type ShareBasis } from './certainty.ts'

const SURE_SHARE: ShareBasis = {
  isOwnRow: true,
  unappliedTerm: null,
  kindsWithoutRate: [],
  kindsNotSplit: [],
  ratesWithoutCount: [],
  isLengthUnknown: false,
  feeDoubts: [],
}
const SURE: PriceBasis = {
  usageSource: 'provider',
  unreadUsage: [],
  uncountedFees: [],
  shares: [SURE_SHARE, SURE_SHARE],
}

/** Each thing that may be unsure, alone, and the reason it gives. */
const OF_CALL: readonly (readonly [string, Partial<PriceBasis>, string])[] = [
  ['the tokens were counted here', { usageSource: 'estimated' }, 'estimated_usage'],
  ['the answer was cut', { usageSource: 'partial' }, 'partial_usage'],
  ['the usage counts something that was not read', { unreadUsage: ['dreams'] }, 'unread_usage'],
  [
    'a hosted tool ran whose fee no one counts',
    { uncountedFees: ['code_interpreter'] },
    'unpriced_fee',
  ],
]
const OF_SHARE: readonly (readonly [string, Partial<ShareBasis>, string])[] = [
  ['the rates are those of a similar model', { isOwnRow: false }, 'similar_model'],
  ['a tier has no rates', { unappliedTerm: 'unknown_tier' }, 'unknown_tier'],
  ['a kind of token has no rate', { kindsWithoutRate: ['cache_read_mtok'] }, 'missing_rate'],
  [
    'a kind of token has two rates',
    { kindsNotSplit: ['cache_audio_read_mtok'] },
    'unreported_split',
  ],
  ['the length of the prompts is not known', { isLengthUnknown: true }, 'unknown_prompt_length'],
  ['a fee has no rate', { feeDoubts: ['unpriced_fee'] }, 'unpriced_fee'],
  ['a fee may be within an allowance', { feeDoubts: ['fee_allowance'] }, 'fee_allowance'],
  [
    'the model has a rate for something that is not counted',
    { ratesWithoutCount: ['dream_mtok'] },
    'uncounted_rate',
  ],
]

describe('a cost', () => {
  test('is exact where everything was read, has its own rate, and nothing unknown stood beside it', () => {
    expect(certaintyOf(SURE)).toEqual({ costStatus: 'exact', costReason: null })
  })

  test.each(OF_CALL)('is an estimate where %s', (_, doubt, costReason) => {
    expect(certaintyOf({ ...SURE, ...doubt })).toEqual({ costStatus: 'estimated', costReason })
  })

  test.each(OF_SHARE)('is an estimate where, of any share, %s', (_, doubt, costReason) => {
    const shares = [SURE_SHARE, { ...SURE_SHARE, ...doubt }]
    expect(certaintyOf({ ...SURE, shares })).toEqual({ costStatus: 'estimated', costReason })
  })

  test('is never exact with any doubt, whichever come together', () => {
    const doubts = fc.tuple(fc.subarray([...OF_CALL]), fc.subarray([...OF_SHARE]))
    fc.assert(
      fc.property(doubts, ([ofCall, ofShare]) => {
        const share: ShareBasis = Object.assign(
          {},
          SURE_SHARE,
          ...ofShare.map(([, doubt]) => doubt),
        )
        const basis: PriceBasis = Object.assign(
          {},
          SURE,
          { shares: [share, SURE_SHARE] },
          ...ofCall.map(([, doubt]) => doubt),
        )
        const { costStatus, costReason } = certaintyOf(basis)
        const reasons = [...ofCall, ...ofShare].map(([, , reason]) => reason)
        expect(costStatus).toBe(reasons.length === 0 ? 'exact' : 'estimated')
        expect(costReason === null ? reasons.length === 0 : reasons.includes(costReason)).toBe(true)
      }),
    )
  })
})
