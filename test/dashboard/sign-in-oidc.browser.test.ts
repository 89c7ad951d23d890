import { expect, test } from 'vitest'
import { freePort } from '../../src/store/embedded/free-port.ts'
import { startFlint } from '../support/flint.ts'
import { startIdentityProvider } from '../support/identity-provider.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'
import { useServer } from '../support/use-flint.ts'
import { usePages } from './support/use-pages.ts'

/** Id of the organisation that the first start makes in a data directory. */
async function firstOrganisation(dataDir: string): Promise<string> {
  const flint = await startFlint({ dataDir })
  const answer = await fetch(`${flint.baseUrl}/v1/me`, {
    headers: { authorization: `Bearer ${flint.key}` },
  })
  const me = (await answer.json()) as { org: { id: string } }
  await flint.stop()
  return me.org.id
}

const servers = useServer(async () => {
  const dataDir = temporaryDirectory()
  const org = await firstOrganisation(dataDir)
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const provider = await startIdentityProvider({
    people: {
      vera: { email: 'vera@corp.example', email_verified: true, groups: ['staff'] },
      otto: { email: 'otto@corp.example', email_verified: true, groups: ['audit'] },
      ada: { email: 'ada@corp.example', email_verified: true, groups: ['platform'] },
    },
    redirectUris: [`${url}/ui/oidc/callback`],
    signedOutUris: [`${url}/ui/signin`],
  })
  const flint = await startFlint({
    dataDir,
    env: {
      FLINT_PORT: String(port),
      FLINT_OIDC_ISSUER: provider.issuer,
      FLINT_OIDC_CLIENT_ID: provider.clientId,
      FLINT_OIDC_CLIENT_SECRET: provider.clientSecret,
      FLINT_OIDC_ORG: org,
      FLINT_OIDC_NAME: 'Corp',
      FLINT_OIDC_ROLES: JSON.stringify({
        ...{ staff: ['viewer'], audit: ['auditor'], platform: ['admin'] },
      }),
    },
  })
  return {
    ...{ url, provider },
    async stop() {
      await flint.stop()
      await provider.close()
    },
  }
})
const pages = usePages()

async function signInAs(person: string, at: string) {
  const { url, provider } = servers
  provider.signsIn = person
  // Before one is signed in the page asks who one is.
  const page = await pages.open(`${url}${at}`, { origins: [provider.issuer], allowed: [/401/] })
  await page.getByRole('link', { name: 'Continue with Corp' }).click()
  await page.waitForURL((here) => here.href.startsWith(`${url}${at}`))
  return page
}

test('a viewer sees records, and learns who may see keys and events', async () => {
  const page = await signInAs('vera', '/ui/settings/keys')
  await page.getByText('for an auditor (scopes read events) or an admin').waitFor()
  expect(await page.getByRole('table').count()).toBe(0)
  await page.getByRole('link', { name: 'Activity' }).click()
  await page.getByText('for an auditor (scopes read events) or an admin').waitFor()
  await page.getByRole('link', { name: 'Audit', exact: true }).click()
  await page.getByRole('heading', { level: 1, name: 'Audit' }).waitFor({ state: 'attached' })
})

test('an auditor sees events and keys, and can change none', async () => {
  const page = await signInAs('otto', '/ui/activity')
  await page
    .getByRole('row', { name: /otto@corp\.example/ })
    .first()
    .waitFor()
  await page.getByRole('link', { name: 'Settings' }).click()
  const create = page.getByRole('button', { name: 'Create key' })
  await create.waitFor()
  expect(await create.getAttribute('aria-disabled')).toBe('true')
})

test('an admin makes a key, which is an event with their name', async () => {
  const page = await signInAs('ada', '/ui/settings/keys')
  await page.getByRole('button', { name: 'Create key' }).click()
  await page.getByLabel('Name').fill('made-by-ada')
  await page.getByRole('radio', { name: /^Application/ }).check()
  await page.getByRole('dialog').getByRole('button', { name: 'Create key' }).click()
  await page.getByRole('button', { name: 'I have stored it' }).click()
  await page.getByRole('row', { name: /made-by-ada/ }).waitFor()
  await page.goto(`${servers.url}/ui/activity`)
  await page
    .getByRole('row', { name: /ada@corp\.example.*made-by-ada/ })
    .first()
    .waitFor()
})

test('a person comes back from their provider signed in, at the link they came by, and signs out', async () => {
  const { url, provider } = servers
  provider.signsIn = 'vera'
  const page = await pages.open(`${url}/ui/audit?last=1h`, {
    origins: [provider.issuer],
    // Before one is signed in the page asks who one is.
    allowed: [/401/],
  })
  await page.getByRole('link', { name: 'Continue with Corp' }).click()
  await page.waitForURL((at) => at.href.startsWith(`${url}/ui/audit?last=1h`))
  await page.getByRole('button', { name: 'Account' }).click()
  await page.getByText('vera@corp.example').waitFor()
  // Cookies know no ports: the provider's own are among those of this host.
  const ofFlint = async () =>
    (await page.context().cookies(`${url}/ui/`)).filter(({ name }) => name.startsWith('flint_'))
  expect(await ofFlint()).toMatchObject([
    { name: 'flint_session', sameSite: 'Strict', httpOnly: true },
  ])
  await page.reload()
  await page.getByRole('button', { name: 'Account' }).click()
  await page.getByText('Sign out').click()
  await page.getByRole('button', { name: 'Sign out here too' }).click()
  await page.waitForURL((at) => at.href.startsWith(`${url}/ui/signin`))
  expect(await ofFlint()).toEqual([])
})
