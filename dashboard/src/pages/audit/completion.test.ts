import { describe, expect, test } from 'vitest'
import { completed, completingAt, knownSuggestions, nameSuggestions } from './completion.ts'

/** The text with `|` where the caret is. */
const at = (marked: string) => completingAt(marked.replace('|', ''), marked.indexOf('|'))

describe('what is completed', () => {
  test('is the name of a field until there is a colon', () => {
    expect(at('model:a out|')).toMatchObject({ field: null, typed: 'out', start: 8 })
    expect(at('-mo|')).toMatchObject({ field: null, typed: 'mo', start: 1 })
  })

  test('is the value behind the colon, or behind the last comma', () => {
    expect(at('model:gpt|')).toMatchObject({ field: 'model', typed: 'gpt', start: 6 })
    expect(at('model:a,b|c status:4xx')).toMatchObject({ field: 'model', typed: 'b', end: 10 })
    expect(at('userAgent:"a, b|')).toMatchObject({ field: 'userAgent', typed: 'a, b' })
    expect(at('tag:team:se|')).toMatchObject({ field: 'tag', typed: 'team:se' })
  })
})

describe('a choice', () => {
  const choose = (marked: string, text: string, isOpen = false) => {
    const plain = marked.replace('|', '')
    const done = completed(plain, at(marked), { text, hint: '', isOpen })
    return `${done.text.slice(0, done.caret)}|${done.text.slice(done.caret)}`
  }

  test('takes the place of what was typed, and leaves the rest', () => {
    expect(choose('out| model:a', 'outcome:', true)).toBe('outcome:| model:a')
    expect(choose('model:g|pt-3 status:4xx', 'gpt-4o')).toBe('model:gpt-4o |status:4xx')
    expect(choose('-model:a,b|', 'o3')).toBe('-model:a,o3 |')
  })

  test('is quoted where its value needs it', () => {
    expect(choose('userAgent:Op|', 'OpenAI/JS 6.49.0')).toBe('userAgent:"OpenAI/JS 6.49.0" |')
  })
})

test('names that begin with what is typed come before those that hold it', () => {
  const names = nameSuggestions('cost').map(({ text }) => text)
  expect(names).toEqual(['costStatus:', 'costUsd:'])
  expect(nameSuggestions('id').map(({ text }) => text)[0]).toBe('identityBasis:')
})

test('closed lists and signs are known without asking', () => {
  expect(knownSuggestions('costStatus', 'un').map(({ text }) => text)).toEqual(['unpriced'])
  expect(knownSuggestions('latencyMs', '').map(({ text }) => text)).toEqual(['>=', '<='])
  expect(knownSuggestions('status', '4').map(({ text }) => text)).toEqual(['4xx'])
})
