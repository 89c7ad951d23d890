import { expect, test } from 'vitest'
import { nextPath } from './next-path.ts'

test.each([
  '/ui/overview',
  '/ui/audit?last=24h&model=gpt-4o*&outcome=!complete',
  '/ui/audit/019bf0a2-53f1-7c11-8d0e-7f6a1c2b3d4e/prompt',
])('signing in goes on at %s', (next) => {
  expect(nextPath(next)).toBe(next)
})

test.each([
  undefined,
  ['/ui/audit', '/ui/audit'],
  '/v1/audit',
  '//evil.example/ui/',
  'https://evil.example/ui/',
  '/ui/../v1/audit',
  '/ui/%2e%2e/v1/audit',
  '/ui/..\\..\\v1',
  '/ui/oidc/login',
  '/ui/v1/audit',
  '/ui\t/../../v1',
  `/ui/${'x'.repeat(5_000)}`,
])('%j is no place to go on at', (next) => {
  expect(nextPath(next)).toBe('/ui/')
})

test('what a place holds cannot end the attribute that it is written into', () => {
  expect(nextPath('/ui/a"><script>?q="><script>')).not.toMatch(/["<>]/)
})
