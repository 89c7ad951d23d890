// The arrows of docs/architecture.md: the heart imports nothing, knowledge imports only the heart, transport imports knowledge.
const only = (name, from, allowed) => ({
  name,
  severity: 'error',
  from: { path: `^src/${from}/` },
  // The catalogue of errors, a bounded map, the replacing of a file and the order of turns belong to no module.
  to: { path: '^src/', pathNot: [...[from, ...allowed].map((room) => `^src/${room}/`), '^src/(errors\\.ts$|bounded-map\\.ts$|replace-file\\.ts$|fair/)'] },
})

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    { name: 'heart-imports-no-package', severity: 'error', from: { path: '^src/evidence/', pathNot: '\\.test\\.ts$' }, to: { pathNot: '^src/evidence/' } },
    only('evidence-imports-nothing', 'evidence', []),
    only('providers-know-only-evidence', 'providers', ['evidence']),
    only('pricing-knows-only-evidence', 'pricing', ['evidence']),
    only('config-stands-alone', 'config', []),
    only('spool-stands-alone', 'spool', ['evidence']),
    only('store-arrows', 'store', ['evidence', 'config']),
    only('identity-arrows', 'identity', ['store', 'config']),
    only('content-arrows', 'content', ['evidence', 'config', 'providers']),
    only('delivery-arrows', 'delivery', ['evidence', 'spool', 'store', 'content', 'pricing']),
    only('extproc-arrows', 'extproc', ['identity', 'providers', 'pricing', 'evidence', 'spool', 'store', 'config', 'content']),
    only('api-arrows', 'api', ['identity', 'providers', 'pricing', 'evidence', 'spool', 'store', 'config', 'content']),
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
