// The arrows of docs/architecture.md: the heart imports nothing, knowledge imports only the heart, transport imports knowledge.

/** What everyone may import of `src/providers`: the list of providers and its types. No format, no reader. */
const REGISTRY = 'providers/(registry|provider|provider-prices)\\.ts$'

/** `allowed`: folders of src, or `folder/file.ts` as an expression. */
const only = (name, from, allowed) => ({
  name,
  severity: 'error',
  from: { path: `^src/${from}/` },
  // The catalogue of errors and the order of turns belong to no module.
  to: {
    path: '^src/',
    pathNot: [...[from, ...allowed].map((place) => (place.endsWith('$') ? `^src/${place}` : `^src/${place}/`)), '^src/(errors\\.ts$|fair/)'],
  },
})

/** Folders of src/providers that know no provider, and which of the others they may import. */
const SHARED = {
  json: [],
  body: ['json'],
  usage: ['json'],
  text: ['json'],
  counting: ['json', 'usage', 'reading/exchange-facts\\.ts$'],
  socket: ['json', 'body', 'usage', 'reading/exchange(-facts)?\\.ts$'],
  reading: ['json', 'body', 'usage', 'text', 'counting', 'socket'],
}
/** The contracts between shared folders and providers; `endpoints.ts` is where readers ask the registry. */
const CONTRACTS = '^src/providers/(wire-format|provider|provider-prices)\\.ts$'
const ASKS_REGISTRY = ['counting', 'socket', 'reading']

const sharedFolder = ([folder, allowed]) => ({
  name: `providers-${folder}`,
  severity: 'error',
  from: { path: `^src/providers/${folder}/`, pathNot: '\\.test\\.ts$' },
  to: {
    path: '^src/providers/',
    pathNot: [
      ...[folder, ...allowed].map((place) => (place.endsWith('$') ? `^src/providers/${place}` : `^src/providers/${place}/`)),
      CONTRACTS,
      ...(ASKS_REGISTRY.includes(folder) ? ['^src/providers/endpoints\\.ts$'] : []),
    ],
  },
})

const SHARED_FOLDERS = `(${Object.keys(SHARED).join('|')}|fixtures)`
/** Every other folder of src/providers is one provider. */
const A_PROVIDER = `^src/providers/(?!${SHARED_FOLDERS}/)[^/]+/`

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    { name: 'heart-imports-no-package', severity: 'error', from: { path: '^src/evidence/', pathNot: '\\.test\\.ts$' }, to: { pathNot: '^src/evidence/' } },
    only('evidence-imports-nothing', 'evidence', []),
    only('providers-know-only-evidence', 'providers', ['evidence']),
    only('pricing-arrows', 'pricing', ['evidence', REGISTRY]),
    only('config-arrows', 'config', ['evidence', REGISTRY]),
    only('spool-stands-alone', 'spool', ['evidence']),
    only('store-arrows', 'store', ['evidence', 'config', REGISTRY]),
    only('identity-arrows', 'identity', ['store', 'config']),
    only('content-arrows', 'content', ['evidence', 'config', 'providers']),
    only('delivery-arrows', 'delivery', ['evidence', 'spool', 'store', 'content', 'config', REGISTRY]),
    only('extproc-arrows', 'extproc', ['identity', 'providers', 'pricing', 'evidence', 'spool', 'store', 'config', 'content']),
    only('api-arrows', 'api', ['identity', 'providers', 'pricing', 'evidence', 'spool', 'store', 'config', 'content']),
    ...Object.entries(SHARED).map(sharedFolder),
    {
      // A provider is reached through the registry; providers that are compatible with another one import its formats.
      name: 'provider-folders-are-private',
      severity: 'error',
      from: { pathNot: [A_PROVIDER, '^src/providers/registry\\.ts$', '\\.test\\.ts$'] },
      to: { path: A_PROVIDER },
    },
    {
      name: 'providers-do-not-read-bodies',
      severity: 'error',
      from: { path: A_PROVIDER, pathNot: '\\.test\\.ts$' },
      to: { path: '^src/providers/(reading/|body/|registry\\.ts$|endpoints\\.ts$)' },
    },
    { name: 'no-test-imports', severity: 'error', from: { path: '^src/', pathNot: '\\.test\\.ts$' }, to: { path: '^(test|bench)/' } },
    {
      name: 'no-dev-dependency-at-run-time',
      severity: 'error',
      from: { path: '^src/', pathNot: ['\\.test\\.ts$', '^src/demo/'] },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    parser: 'swc',
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
}
