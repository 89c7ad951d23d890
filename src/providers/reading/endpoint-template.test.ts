import { expect, test } from 'vitest'
import { endpointTemplate } from './endpoint-template.ts'

test.each([
  ['/v1/things/thing_0af3/parts', '/v1/things/{id}/parts'],
  ['/v1/threads/thread_abcDEF/notes', '/v1/threads/{id}/notes'],
  ['/v1beta/models/gemini-3-flash:dream', '/v1beta/models/{id}:dream'],
  ['/v1/organization/usage', '/v1/organization/usage'],
  [`/v1/${'a'.repeat(40)}`, '/v1/{id}'],
  ['/v1/user@example.com', '/v1/{id}'],
  ['', ''],
])('%s is %s', (endpoint, template) => {
  expect(endpointTemplate(endpoint)).toBe(template)
})
