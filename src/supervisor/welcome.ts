import { dashboardUrl } from '../config/dashboard-url.ts'
import type { Installation } from '../installation.ts'
import type { ActiveProvider } from '../providers/active-providers.ts'
import type { ExampleCall } from '../providers/provider.ts'
import type { RunningFlint } from './up.ts'

/**
 * What a person needs right after the start: where to point an SDK, the key, a call that works by
 * copy and paste. `signInLink` signs in once; null where no key was made just now.
 */
export function welcome(
  { baseUrl, firstKey }: RunningFlint,
  { config, paths, providers }: Installation,
  demo: boolean,
  signInLink: string | null,
): string[] {
  const key = firstKey?.key ?? '$FLINT_API_KEY'
  return [
    '',
    `Flint is up: ${baseUrl}`,
    '',
    ...providers.all.flatMap((provider) => addressLines(provider, baseUrl)),
    line('Dashboard', dashboardUrl(config)),
    line('Audit log', `${baseUrl}/v1/audit               API: ${baseUrl}/docs`),
    line('Data', paths.root),
    '',
    ...(firstKey
      ? [
          `  Flint key of your first organisation, shown this once: ${firstKey.key}`,
          ...(signInLink === null
            ? []
            : [`  Sign in to the dashboard with it, once, within ten minutes: ${signInLink}`]),
          '',
        ]
      : [
          '  Your organisation and its keys are as you left them; `npx flint keys create --name …` makes one more,',
          '  `npx flint dashboard` a link to sign in.',
          '',
        ]),
    ...exampleLines(baseUrl, key, demo, providers.all),
    `  curl "${baseUrl}/v1/audit?limit=1" -H "Authorization: Bearer ${key}"`,
    '',
    'Ctrl-C stops everything.',
  ]
}

function line(title: string, text: string): string {
  return `  ${title.padEnd(22)} ${text}`
}

/** Where SDKs are pointed to; the first line says where that leads as well. */
function addressLines({ name, upstream, welcome }: ActiveProvider, baseUrl: string): string[] {
  return welcome.map(({ title, path }, index) => {
    const address = `${name}${path}`
    const target = index === 0 ? `${address.padEnd(13)} → ${upstream}` : address
    return line(title, `${baseUrl}/v1/proxy/${target}`)
  })
}

/** The call of the first provider that has an example. */
function exampleLines(
  baseUrl: string,
  key: string,
  demo: boolean,
  providers: readonly ActiveProvider[],
): string[] {
  const found = providers.find(hasExample)
  if (found === undefined) return ['Try it:', '']
  const { name, example } = found
  // The demo's provider checks no key; a real one wants the caller's own.
  const providerKey = demo ? 'sk-demo-any-key-will-do' : `$${example.keyVariable}`
  return [
    demo ? 'Try it:' : `Try it (with a provider key of yours in ${example.keyVariable}):`,
    '',
    `  curl ${baseUrl}/v1/proxy/${name}${example.path} -H "Authorization: Bearer ${key}" -H "x-provider-key: ${providerKey}" \\`,
    `    -H 'content-type: application/json' -d '${example.body}'`,
  ]
}

function hasExample(
  definition: ActiveProvider,
): definition is ActiveProvider & { readonly example: ExampleCall } {
  return definition.example !== undefined
}
