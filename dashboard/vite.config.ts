import { defineConfig } from 'vite'
import { compressed } from './build/compressed.ts'
import { iconSprite } from './build/icon-sprite.ts'

/** `vite dashboard` serves the page for work on it; what it asks goes to the Flint at FLINT_URL. */
const { FLINT_URL = 'http://127.0.0.1:8080' } = process.env

export default defineConfig({
  root: import.meta.dirname,
  base: '/ui/',
  plugins: [iconSprite(), compressed()],
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
        // One file of the start and of all that pages share: a page asks for two, not for one of each
        // part.
        codeSplitting: {
          groups: [{ name: 'app', test: /dashboard\/src\/(main\.tsx|(state|api|parts)\/[^/]+)$/ }],
        },
      },
    },
  },
  server: {
    // With the Host of that Flint, which answers for no other.
    proxy: { '^/ui/(v1|session|oidc)(/|$)': { target: FLINT_URL, changeOrigin: true } },
  },
})
