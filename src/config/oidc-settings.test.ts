import fs from 'node:fs'
import path from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { temporaryDirectory } from '../../test/support/temporary-directory.ts'
import { describeConfig, loadConfig } from './load.ts'
import { oidcSettings } from './oidc-settings.ts'

let directory: string
beforeEach(() => {
  directory = temporaryDirectory()
})

const ALL = {
  issuer: 'https://login.example.com/realms/a',
  clientId: 'flint',
  clientSecret: 'shown to no one',
  org: 'org_1',
  roles: { staff: ['viewer'] },
}
function configOf(oidc: object, further: object = {}, env: Record<string, string> = {}) {
  // JSON is YAML.
  fs.writeFileSync(path.join(directory, 'flint.yaml'), JSON.stringify({ oidc, ...further }))
  return loadConfig(env, directory).config
}
const settingsOf = (...given: Parameters<typeof configOf>) => oidcSettings(configOf(...given))

describe('signing in by OpenID Connect', () => {
  test('is off where nothing of it is set', () => {
    expect(oidcSettings(loadConfig({}, directory).config)).toBeNull()
  })

  test('is set in flint.yaml, its secret from the environment or a file', () => {
    const { clientSecret: _, ...rest } = ALL
    const expected = { ...ALL, name: 'login.example.com', roleClaim: 'groups' }
    const env = { FLINT_OIDC_CLIENT_SECRET: ALL.clientSecret }
    expect(settingsOf(rest, {}, env)).toMatchObject(expected)
    const file = path.join(directory, 'secret')
    fs.writeFileSync(file, `${ALL.clientSecret}\n`)
    const fromFile = settingsOf(rest, {}, { FLINT_OIDC_CLIENT_SECRET_FILE: file })
    expect(fromFile).toMatchObject(expected)
  })

  test('is set by the environment alone, roles as JSON', () => {
    const env = { FLINT_OIDC_ROLES: '{"ops":["admin"]}' }
    expect(settingsOf(ALL, {}, env)?.roles).toEqual({ ops: ['admin'] })
    expect(() => settingsOf(ALL, {}, { FLINT_OIDC_ROLES: 'ops=admin' })).toThrow('a JSON object')
  })

  test('shows its secret to no one who looks at the settings', () => {
    expect(JSON.stringify(describeConfig(configOf(ALL)))).not.toContain(ALL.clientSecret)
  })

  test.each([
    ['issuer', 'FLINT_OIDC_ISSUER'],
    ['clientId', 'FLINT_OIDC_CLIENT_ID'],
    ['clientSecret', 'FLINT_OIDC_CLIENT_SECRET'],
    ['org', 'FLINT_OIDC_ORG'],
    ['roles', 'FLINT_OIDC_ROLES'],
  ])('says that oidc.%s is missing', (setting, variable) => {
    const { [setting as keyof typeof ALL]: _, ...rest } = ALL
    expect(() => settingsOf(rest)).toThrow(
      expect.objectContaining({
        setting: `oidc.${setting}`,
        message: expect.stringContaining(variable),
      }),
    )
  })

  test.each([
    [{ issuer: 'http://login.example.com' }, 'oidc.issuer'],
    [{ issuer: 'login.example.com' }, 'oidc.issuer'],
    [{ roles: { staff: ['owner'] } }, 'oidc.roles.staff'],
    [{ roles: { staff: 'viewer' } }, 'oidc.roles.staff'],
    [{ scope: 'profile email' }, 'oidc.scope'],
    [{ client: 'flint' }, 'oidc.client'],
  ])('refuses %j and names the setting', (wrong, setting) => {
    expect(() => settingsOf({ ...ALL, ...wrong })).toThrow(
      expect.objectContaining({ setting: expect.stringContaining(setting) }),
    )
  })

  test('needs the public address where Flint does not listen on loopback alone', () => {
    const wide = { host: '0.0.0.0' }
    expect(() => settingsOf(ALL, wide)).toThrow(
      expect.objectContaining({ setting: 'dashboard.publicUrl' }),
    )
    const dashboard = { publicUrl: 'https://flint.example.com' }
    expect(settingsOf(ALL, { ...wide, dashboard })).toMatchObject(ALL)
  })
})
