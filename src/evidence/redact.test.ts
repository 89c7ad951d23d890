import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { redact, redactJoined, redactStretch } from './redact.ts'

const MIB_16 = 16 * 1024 * 1024

/** Made here so that no file of the project holds what looks like a key. */
const letters = (count: number) => 'aB3dE5gH7jK9mN1pQ2sT4vW6yZ8'.repeat(8).slice(0, count)
const KEYS: ReadonlyArray<readonly [kind: string, key: string]> = [
  ['flint-key', `flnt_${'live'}_${letters(43)}`],
  ['openai-key', `sk-${'proj'}-${letters(40)}`],
  ['anthropic-key', `sk-${'ant'}-api03-${letters(40)}`],
  ['google-key', `AI${'za'}${letters(35)}`],
  ['google-key', `A${'Q'}.${letters(50)}`],
  ['google-token', `ya${'29'}.${letters(40)}`],
  ['aws-key', `AK${'IA'}ABCDEFGHIJKLMNOP`],
  ['bedrock-key', `AB${'SK'}${letters(60)}Q==`],
  ['bedrock-key', `bedrock-${'api'}-key-${letters(60)}`],
  ['github-token', `gh${'p'}_${letters(36)}`],
  ['gitlab-token', `gl${'pat'}-${letters(20)}`],
  ['slack-token', `xo${'xb'}-123456789012-${letters(20)}`],
  ['stripe-key', `sk_${'live'}_${letters(24)}`],
  ['huggingface-token', `h${'f'}_${letters(34)}`],
  ['groq-key', `gs${'k'}_${letters(40)}`],
  ['xai-key', `xa${'i'}-${letters(40)}`],
  ['npm-token', `np${'m'}_${letters(36)}`],
  ['pypi-token', `py${'pi'}-${letters(60)}`],
  ['jwt', `ey${'J'}${letters(20)}.ey${'J'}${letters(30)}.${letters(40)}`],
  [
    'private-key',
    `-----BEGIN RSA ${'PRIVATE'} KEY-----\n${letters(64)}\n${letters(64)}==\n-----END RSA ${'PRIVATE'} KEY-----`,
  ],
]

describe('key-shaped secrets in stored prompts', () => {
  test.each(KEYS)('%s is replaced wherever it stands, the text around it stays', (kind, key) => {
    for (const [before, after] of [
      ['', ''],
      ['my key is ', ' please use it'],
      ['{"key":"', '"}'],
      ['(', ').'],
      ['é\n', '\n'],
    ]) {
      const clean = redact(`${before}${key}${after}`)
      expect(clean).not.toContain(key.slice(8, 28))
      expect(clean).toBe(`${before}[redacted:${kind}]${after}`)
    }
  })

  test('a provider key that is joined to a Flint key goes with it, whatever its shape', () => {
    const flint = `flnt_${'live'}_${letters(43)}`
    for (const provider of [...KEYS.map(([, key]) => key), '0123456789abcdef', 'a.b~c/d+e='])
      if (!provider.includes(' '))
        expect(redact(`key: ${provider}.${flint}, please`)).not.toContain(provider)
    expect(redact(`use 0123456789abcdef.${flint} here`)).toBe('use [redacted:flint-key] here')
    expect(redact(`a.${flint}.${flint} b`)).toBe('[redacted:flint-key][redacted:flint-key] b')
    expect(redact(`It is ${flint}.`)).toBe('It is [redacted:flint-key].')
  })

  test('a bearer token goes, the text before it stays', () => {
    expect(redact(`Authorization: Bearer ${letters(30)}`)).toBe(
      'Authorization: Bearer [redacted:bearer]',
    )
  })

  test('an encrypted private key goes with the headers that say so', () => {
    const headers = 'Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,AB12\n\n'
    const key = `-----BEGIN RSA ${'PRIVATE'} KEY-----\n${headers}${letters(64)}\n-----END RSA ${'PRIVATE'} KEY-----`
    expect(redact(`a ${key} b`)).toBe('a [redacted:private-key] b')
  })

  test('several keys of several kinds all go', () => {
    const clean = redact(KEYS.map(([, key]) => key).join(' and '))
    for (const [, key] of KEYS) expect(clean).not.toContain(key.slice(8, 28))
  })

  test('ordinary text stays as it is', () => {
    for (const text of [
      'The task-list of sk-learn users is risk-averse; see ask-me-anything.',
      'eyJ is how a JWT starts; AIza is how a Google key starts, or AQ.; AKIA too.',
      'npm_config_registry, hf_hub, xai- and gsk_ are only words.',
      'A bearer of bad news. Bearer short.',
      '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----',
    ])
      expect(redact(text)).toBe(text)
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...' abcdefgh.,!?\n') }), (text) => {
        expect(redact(text)).toBe(text)
      }),
    )
  })

  test('one key of 16 MiB is replaced whole, as the longest text that is kept may be one', {
    timeout: 60_000,
  }, () => {
    const runs: ReadonlyArray<readonly [start: string, unit: string, clean: string]> = [
      ['sk-', 'a', '[redacted:openai-key]'],
      [`sk-${'ant'}-`, 'a', '[redacted:anthropic-key]'],
      ['flnt_', 'a', '[redacted:flint-key]'],
      [`ya${'29'}.`, 'a', '[redacted:google-token]'],
      [`A${'Q'}.`, 'a', '[redacted:google-key]'],
      [`gh${'p'}_`, 'a', '[redacted:github-token]'],
      ['github_pat_', 'a', '[redacted:github-token]'],
      [`gl${'pat'}-`, 'a', '[redacted:gitlab-token]'],
      [`AB${'SK'}`, 'a', '[redacted:bedrock-key]'],
      [`xo${'xb'}-`, 'a', '[redacted:slack-token]'],
      [`sk_${'live'}_`, 'a', '[redacted:stripe-key]'],
      [`h${'f'}_`, 'a', '[redacted:huggingface-token]'],
      [`gs${'k'}_`, 'a', '[redacted:groq-key]'],
      [`xa${'i'}-`, 'a', '[redacted:xai-key]'],
      [`py${'pi'}-`, 'a', '[redacted:pypi-token]'],
      [`ey${'J'}aaaaaaaa.ey${'J'}aaaaaaaa.`, 'a', '[redacted:jwt]'],
      ['Bearer ', 'a', 'Bearer [redacted:bearer]'],
      [`-----BEGIN ${'PRIVATE'} KEY-----`, 'aaaa\n', '[redacted:private-key]'],
    ]
    for (const [start, unit, clean] of runs)
      expect(redact(start + unit.repeat(MIB_16 / unit.length)), start).toBe(clean)
  })

  test('16 MiB of what only begins like a key stays as it is', () => {
    const nearly: ReadonlyArray<readonly [start: string, unit: string]> = [
      ['AKIA', 'a'],
      ['ABSK', '-'],
      [`ey${'J'}`, 'a'],
      [`ey${'J'}aaaaaaaa.ey${'J'}`, 'a'],
      ['-----BEGIN ', 'A '],
      ['-----BEGIN A A A ', '-'],
      ['A A ', 'A '],
    ]
    for (const [start, unit] of nearly) {
      const text = start + unit.repeat(MIB_16 / unit.length)
      expect(redact(text) === text, start).toBe(true)
    }
  })

  test('long text of nearly keys costs no more than its length', () => {
    for (const nearly of [
      'sk-',
      'eyJ',
      '-----BEGIN PRIVATE KEY-----',
      'Bearer ',
      'flnt_',
      'ghp_',
      'AIza',
      'eyJaaaaaaaaaa-',
      'A A A ',
      'eyJaaaaaaaa.',
      `.flnt_${letters(20)}-`,
    ]) {
      const text = nearly.repeat(Math.ceil(2_000_000 / nearly.length))
      // Quadratic matching would not end within the test's time.
      expect(typeof redact(text)).toBe('string')
    }
  })
})

describe('a key that was cut in two by the pieces of a prompt', () => {
  const key = `sk-${'proj'}-${letters(60)}`

  test.each([
    ['before its shape is whole', 8],
    ['in its middle', 40],
    ['near its end', 58],
  ])('%s is replaced whole', (_, at) => {
    const text = `Use this:\n\nmy key is ${key.slice(0, at)}\n\n${key.slice(at)} please\n\nthanks`
    expect(redactJoined(text)).toBe('Use this:\n\nmy key is [redacted:openai-key] please\n\nthanks')
  })

  test('into three is replaced whole', () => {
    const text = `a\n\n${key.slice(0, 20)}\n\n${key.slice(20, 40)}\n\n${key.slice(40)}\n\nb`
    expect(redactJoined(text)).toBe('a\n\n[redacted:openai-key]\n\nb')
  })

  test('what follows a whole key in a piece of its own stays', () => {
    expect(redactJoined(`${key}\n\nPlease keep this\n\n${key}\n\n2 words`)).toBe(
      '[redacted:openai-key]\n\nPlease keep this\n\n[redacted:openai-key]\n\n2 words',
    )
  })

  test('text without pieces or keys is as redact leaves it', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            fc.string(),
            fc.constantFrom(...KEYS.map(([, secret]) => secret), ' sk-', '\n\n'),
          ),
        ),
        (parts) => {
          const text = parts.join(' ')
          if (!text.includes('\n\n')) expect(redactJoined(text)).toBe(redact(text))
          expect(KEYS.filter(([, secret]) => redactJoined(text).includes(secret))).toEqual([])
        },
      ),
    )
  })

  test('one piece of a text shows nothing of a key that it begins or ends, and is else as it was', () => {
    const text = `a\n\nmy key is ${key.slice(0, 20)}\n\n${key.slice(20)} please\n\nthanks`
    const pieces = text.split('\n\n')
    let at = 0
    const shown = pieces.map((piece) => {
      const clean = redactStretch(text, at, at + piece.length)
      at += piece.length + 2
      return clean
    })
    expect(shown).toEqual([
      'a',
      'my key is [redacted:openai-key]',
      '[redacted:openai-key] please',
      'thanks',
    ])
    for (const [kind, secret] of KEYS) {
      const before = `${secret}\n\n`
      const full = `${before}it is ${secret} here`
      expect(redactStretch(full, before.length, full.length)).toBe(`it is [redacted:${kind}] here`)
    }
  })
})
