import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { asCurl } from './as-curl.ts'

test('the command means to a shell what the page asked, and takes the key from the environment', () => {
  const query = new URLSearchParams([
    ['model', "it's $HOME `id` \\ !x"],
    ['outcome', '!complete'],
  ])
  const command = asCurl('https://flint.example.com', '/audit', query)
  const shown = execFileSync('sh', ['-c', `curl() { printf '%s\\n' "$@"; }; ${command}`], {
    env: { FLINT_API_KEY: 'flnt_test' },
    encoding: 'utf8',
  })
  expect(shown.trimEnd().split('\n')).toEqual([
    '-H',
    'Authorization: Bearer flnt_test',
    `https://flint.example.com/v1/audit?${query}`,
  ])
})
