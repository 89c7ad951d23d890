import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { PromptAccumulator, type PromptSection } from './prompt-accumulator.ts'

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

interface Step {
  readonly section: PromptSection
  readonly pieces: readonly (readonly string[])[]
  /** Within a part that turns out to be text, or not; null for none. */
  readonly part: boolean | null
}

const text = fc.string({ unit: fc.constantFrom('a', 'é', '€', '😀', ' '), maxLength: 12 })
const steps = (section: fc.Arbitrary<PromptSection>) =>
  fc.array(
    fc.record({
      section,
      pieces: fc.array(fc.array(text, { minLength: 1, maxLength: 3 }), { maxLength: 3 }),
      part: fc.constantFrom(true, false, null),
    }),
    { maxLength: 8 },
  )

function gather(taken: readonly Step[], maxBytes: number) {
  const prompt = new PromptAccumulator(maxBytes)
  for (const { section, pieces, part } of taken) {
    const mark = part === null ? null : prompt.mark()
    for (const piece of pieces)
      for (const [at, chunk] of piece.entries())
        prompt.append(section, chunk, at === piece.length - 1)
    if (mark !== null && part === false) prompt.rollback(mark)
    else if (mark !== null) prompt.release()
  }
  return prompt.result(true)
}

function whole(taken: readonly Step[]): string {
  const of = (section: PromptSection) =>
    taken
      .filter((step) => step.section === section && step.part !== false)
      .flatMap(({ pieces }) => pieces.map((piece) => piece.join('')))
  return [...of('system'), ...of('messages')].filter((piece) => piece !== '').join('\n\n')
}

describe('a prompt', () => {
  test('within the bound is kept and hashed as a whole, system text first wherever it came', () => {
    fc.assert(
      fc.property(steps(fc.constantFrom('system', 'messages')), (taken) => {
        const full = whole(taken)
        const prompt = gather(taken, 1_000_000)
        if (full === '') expect(prompt).toBeNull()
        else
          expect(prompt).toMatchObject({
            full,
            hashSha256: sha256(full),
            truncated: false,
            chars: full.length,
          })
      }),
      { numRuns: 1_000 },
    )
  })

  test('over the bound keeps whole characters and has the hash of all of it, or none', () => {
    let exact = 0
    fc.assert(
      fc.property(
        steps(fc.constantFrom('system', 'messages')),
        fc.integer({ min: 1, max: 60 }),
        (taken, maxBytes) => {
          const full = whole(taken)
          const prompt = gather(taken, maxBytes)
          expect(prompt === null).toBe(full === '')
          if (prompt === null) return
          expect(prompt.chars).toBe(full.length)
          expect(prompt.hashSha256 === null || prompt.hashSha256 === sha256(full)).toBe(true)
          expect(prompt.full).toBe(Buffer.from(prompt.full).toString())
          if (!prompt.truncated) expect(prompt.full).toBe(full)
          if (prompt.truncated && prompt.hashSha256 !== null) exact++
        },
      ),
      { numRuns: 3_000 },
    )
    expect(exact).toBeGreaterThan(100)
  })

  test.each([
    ['messages alone', ['messages', 'messages']],
    ['system text before messages', ['system', 'messages', 'messages']],
    ['system text alone', ['system', 'system']],
  ] as const)('over the bound is always hashed where the body has %s', (_, sections) => {
    for (let maxBytes = 1; maxBytes < 24; maxBytes++) {
      const taken = sections.map((section) => ({
        section,
        pieces: [['äb😀', 'cd'], ['e']],
        part: null,
      }))
      expect(gather(taken, maxBytes)?.hashSha256).toBe(sha256(whole(taken)))
    }
  })

  test('has no hash where system text follows messages that were over the bound', () => {
    const taken = (['messages', 'system'] as const).map((section) => ({
      section,
      pieces: [['0123456789']],
      part: null,
    }))
    expect(gather(taken, 9)).toMatchObject({
      hashSha256: null,
      truncated: true,
      preview: expect.stringMatching(/^0123456789/),
    })
    expect(gather(taken, 10)).toMatchObject({ hashSha256: sha256('0123456789\n\n0123456789') })
  })

  test('stays small and quick with a million tiny pieces', () => {
    const prompt = new PromptAccumulator(10_000_000)
    for (let piece = 0; piece < 1_000_000; piece++) prompt.append('messages', 'x', true)
    expect(prompt.result(true)).toMatchObject({ chars: 2_999_998, truncated: false })
  })
})
