import { defineConfig } from 'vite'
import { compressed } from './build/compressed.ts'
import { developmentSession } from './build/development-session.ts'
import { iconSprite } from './build/icon-sprite.ts'

/**
 * `vite dashboard` serves the page for work on it; its requests go to the Flint at FLINT_URL, with
 * FLINT_API_KEY in place of a session.
 */
const { FLINT_URL = 'http://127.0.0.1:8080', FLINT_API_KEY = '' } = process.env

export default defineConfig({
  root: import.meta.dirname,
  base: '/ui/',
  plugins: [iconSprite(), compressed(), developmentSession()],
  build: {
    outDir: '../dist/dashboard',
    emptyOutDir: true,
    target: 'es2022',
    // A data: URL would need an exception in the content security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rolldownOptions: {
      output: {
        // One file of what pages share: a page asks for two, not for one of each part.
        codeSplitting: {
          groups: [{ name: 'shared', test: /dashboard\/src\/(state|api|parts)\/[^/]+$/ }],
        },
      },
    },
  },
  server: {
    proxy: {
      '/ui/v1': {
        target: FLINT_URL,
        rewrite: (path) => path.replace(/^\/ui/, ''),
        headers: { authorization: `Bearer ${FLINT_API_KEY}` },
      },
    },
  },
})
