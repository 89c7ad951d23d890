import { defineConfig } from 'rolldown'

/**
 * The `flint` command in few files. Each of its processes would open 900, 680 of them of the schema
 * library, which takes longer than all else at a start. Other packages stay what npm installed.
 */
export default defineConfig({
  cwd: import.meta.dirname,
  input: 'dist/src/main.js',
  platform: 'node',
  external: (id) => !/^([./]|typebox(\/|$))/.test(id),
  output: { dir: 'dist/flint', format: 'esm', chunkFileNames: '[name].js' },
})
