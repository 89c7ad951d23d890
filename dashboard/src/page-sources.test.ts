import fs from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'

const ROOT = import.meta.dirname
const SOURCES = fs
  .readdirSync(ROOT, { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.tsx?$/.test(name) && !/\.test\.ts$/.test(name) && !/generated/.test(name))

/** Sources of the page in which `pattern` is found. */
function sourcesWith(pattern: RegExp): string[] {
  return SOURCES.filter((name) => pattern.test(fs.readFileSync(path.join(ROOT, name), 'utf8')))
}

test('no text becomes markup: the page has none of what parses it', () => {
  expect(SOURCES.length).toBeGreaterThan(200)
  const parses =
    /innerHTML|outerHTML|insertAdjacentHTML|document\.write|createContextualFragment|DOMParser|setHTML/i
  expect(sourcesWith(parses)).toEqual([])
})

test('no style is a string: the policy of the page would refuse it', () => {
  expect(sourcesWith(/\bstyle=(["'`]|\{["'`])|setAttribute\(\s*['"`]style/)).toEqual([])
})

test('only preferences are stored in the browser', () => {
  expect(sourcesWith(/localStorage|sessionStorage|indexedDB|document\.cookie/)).toEqual([
    'state/preferences.ts',
  ])
})
