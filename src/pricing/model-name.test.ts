import { findProvider } from '@pydantic/genai-prices'
import { describe, expect, test } from 'vitest'
import { definitionOf } from '../providers/registry.ts'
import { createPriceBook } from './price-book.ts'

const book = createPriceBook()
const AT_MS = Date.UTC(2026, 10, 22, 12)

describe('a row of the price book', () => {
  test.each([
    ['anthropic', 'claude-haiku-4-5'],
    ['anthropic', 'claude-haiku-4-5-20251001'],
    ['anthropic', 'claude-3-5-haiku-latest'],
    ['anthropic', 'claude-sonnet-4-20250514'],
    ['openai', 'gpt-4o-mini-audio-preview-2024-12-17'],
    ['openai', 'gpt-3.5-turbo-instruct:20230824-v2'],
    ['openai', 'gpt-5-nano-2025-08-07'],
    ['openai', 'gpt-6-sol-2026-10-01'],
    ['openai', 'ft:gpt-4o-mini-2024-07-18:acme::B1cD'],
    ['openai', 'ft:gpt-3.5-turbo-0125:acme:support:9xYz'],
    ['gemini', 'gemini-2.5-pro-preview-05-06'],
    ['gemini', 'gemini-2.0-flash-001'],
    ['gemini', 'gemini-2.0-flash-thinking-exp-01-21'],
    ['gemini', 'gemini-2.5-flash-native-audio-preview-12-2025'],
    ['gemini', 'gemini-2.5-flash-lite-preview-06-17'],
  ] as const)('is the own one of %s’s %s', (provider, model) => {
    expect(book.find(definitionOf(provider).prices, model, AT_MS)).toMatchObject({ isOwn: true })
  })

  test.each([
    ['anthropic', 'claude-sonnet-5-5'],
    ['anthropic', 'claude-opus-4-8-mini'],
    ['anthropic', 'claude-2.1'],
    ['openai', 'gpt-5-nano-audio'],
    ['gemini', 'gemini-3.8-flash-tts'],
    ['gemini', 'gemini-1.5-flash-8b'],
    ['gemini', 'gemini-2.0-flash-exp-image-generation'],
    ['gemini', 'gemini-3.5-flash-8b'],
  ] as const)('is that of a similar model for %s’s %s', (provider, model) => {
    expect(book.find(definitionOf(provider).prices, model, AT_MS)).toMatchObject({ isOwn: false })
  })

  test('is the own one of every name that the book lists', () => {
    for (const [provider, providerId] of [
      ['openai', 'openai'],
      ['anthropic', 'anthropic'],
      ['gemini', 'google'],
    ] as const)
      for (const { id } of findProvider({ providerId })?.models ?? []) {
        const row = book.find(definitionOf(provider).prices, id, AT_MS)
        expect([id, row === null || row.isOwn]).toEqual([id, true])
      }
  })
})
