import { expect, test } from 'vitest'
import { temporaryDirectory } from '../../test/support/temporary-directory.ts'
import { ConfigError } from './config-error.ts'
import { dashboardUrl, isSignInPossible } from './dashboard-url.ts'
import { loadConfig } from './load.ts'

const configOf = (env: Record<string, string>) => loadConfig(env, temporaryDirectory()).config

test.each([
  [{}, 'http://127.0.0.1:8080/ui/', true],
  [{ FLINT_HOST: '::1', FLINT_PORT: '80' }, 'http://[::1]:80/ui/', true],
  [{ FLINT_TLS_CERT_FILE: '/cert.pem' }, 'https://127.0.0.1:8080/ui/', true],
  [{ FLINT_HOST: '0.0.0.0' }, 'http://localhost:8080/ui/', true],
  [{ FLINT_HOST: '::' }, 'http://localhost:8080/ui/', true],
  [{ FLINT_HOST: '10.1.2.3' }, 'http://10.1.2.3:8080/ui/', false],
  [
    { FLINT_HOST: '10.1.2.3', FLINT_DASHBOARD_PUBLIC_URL: 'https://flint.example.com' },
    'https://flint.example.com/ui/',
    true,
  ],
])('the dashboard of %j is at %s', (env, url, isPossible) => {
  expect(dashboardUrl(configOf(env))).toBe(url)
  expect(isSignInPossible(configOf(env))).toBe(isPossible)
})

test.each(['http://flint.example.com', 'https://flint.example.com/app', 'https://u:p@host'])(
  'dashboard.publicUrl cannot be %s',
  (url) => {
    expect(() => configOf({ FLINT_DASHBOARD_PUBLIC_URL: url })).toThrow(ConfigError)
  },
)

test.each(['4', '721', '1.5'])('dashboard.sessionIdleMinutes cannot be %s', (minutes) => {
  expect(() => configOf({ FLINT_DASHBOARD_SESSION_IDLE_MINUTES: minutes })).toThrow(ConfigError)
})
