// What each module under src may import: exactly what it does (src/arrows.test.ts holds this, the READMEs and the imports together).
const ARROWS = require('./arrows.json')

// Files that belong to no module: the composition root and what every module may use.
const EVERYWHERE = '^src/(errors\\.ts$|bounded-map\\.ts$|replace-file\\.ts$|fair/)'
// Built over config, identity and store; used by what is built over them.
const AROUND = {
  process: ['installation\\.ts$'],
  supervisor: ['installation\\.ts$', 'ask-socket\\.ts$', 'socket-directory\\.ts$'],
  app: ['installation\\.ts$'],
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
      to: { path: '^src/', pathNot: ['^src/[^/]+\\.ts$', '^src/(config|identity|store)/'] },
    },
    { name: 'main-is-a-list-of-commands', severity: 'error', from: { path: '^src/main\\.ts$' }, to: { path: '^(src|envoy)/', pathNot: '^src/cli/' } },
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
