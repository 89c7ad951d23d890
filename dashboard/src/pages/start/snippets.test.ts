import { describe, expect, test } from 'vitest'
import { LANGUAGES, PROVIDERS, snippet } from './snippets.ts'

const ORIGIN = 'https://flint.example'

describe.each(PROVIDERS)('the first call to $label', ({ name: provider }) => {
  test.each(LANGUAGES)('in $label goes through this Flint, with both keys', ({ name }) => {
    const code = snippet(provider, name, ORIGIN)
    expect(code).toContain(`${ORIGIN}/v1/proxy/${provider}`)
    expect(code).toContain('FLINT_API_KEY')
    if (!(provider === 'openai' && name === 'python'))
      expect(code).toContain(`${provider.toUpperCase()}_API_KEY`)
    // A key in a snippet would end up in a shell history.
    expect(code).not.toMatch(/flnt_/)
  })
})
