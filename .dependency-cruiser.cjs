// What each module under src may import: exactly what it does (src/arrows.test.ts holds this, the READMEs and the imports together).
const ARROWS = require('./arrows.json')

// Files that belong to no module: the composition root and what every module may use.
const EVERYWHERE = '^src/(errors\\.ts$|bounded-map\\.ts$|inode\\.ts$|libc\\.ts$|split-lines\\.ts$|replace-file\\.ts$|fair/)'
// Built over config, identity and store; used by what is built over them.
const AROUND = {
  process: ['installation\\.ts$'],
  supervisor: ['installation\\.ts$', 'ask-socket\\.ts$', 'socket-directory\\.ts$'],
  app: ['installation\\.ts$', 'ask-socket\\.ts$'],
  demo: ['installation\\.ts$', 'text-table\\.ts$'],
  cli: ['installation\\.ts$', 'ask-socket\\.ts$', 'text-table\\.ts$'],
}

const only = ([name, allowed]) => ({
  name: `arrows-of-${name}`,
  severity: 'error',
  // An integration test starts whatever it needs beside its module.
  from: { path: `^src/${name}/`, pathNot: '\\.integration\\.test\\.ts$' },
  to: {
    path: '^src/',
    pathNot: [...[name, ...allowed].map((module) => `^src/${module}/`), ...(AROUND[name] ?? []).map((file) => `^src/${file}`), EVERYWHERE],
  },
})

/** What everyone may import of `src/providers`: the list of providers and its types. No format, no reader. */
const REGISTRY = '^src/providers/(registry|active-providers|provider|provider-prices)\\.ts$'
const READS_ANSWERS = '^src/(providers|content|extproc|api|app)/'

/** Folders of src/providers that know no provider, and which of the others they may import. */
const SHARED = {
  json: [],
  body: ['json'],
  usage: ['json'],
  text: ['json'],
  counting: ['body', 'json', 'usage', 'reading/exchange-facts\\.ts$'],
  socket: ['json', 'body', 'usage', 'reading/exchange(-facts)?\\.ts$', 'text'],
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
    ...Object.entries(ARROWS).map(only),
    {
      name: 'root-files-are-below-app-and-cli',
      severity: 'error',
      from: { path: '^src/[^/]+\\.ts$', pathNot: ['^src/main\\.ts$', '\\.test\\.ts$'] },
      to: { path: '^src/', pathNot: ['^src/[^/]+\\.ts$', '^src/(config|identity|store)/', REGISTRY] },
    },
    { name: 'main-starts-a-command', severity: 'error', from: { path: '^src/main\\.ts$' }, to: { path: '^(src|envoy)/', pathNot: '^src/(cli|process)/' } },
    {
      name: 'formats-are-for-those-who-read-answers',
      severity: 'error',
      from: { path: '^src/', pathNot: [READS_ANSWERS, '\\.test\\.ts$'] },
      to: { path: '^src/providers/', pathNot: REGISTRY },
    },
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
