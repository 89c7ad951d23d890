import type { Plugin } from 'vite'

/** Answers `/ui/session` in place of Flint, for work on the page with a key instead of a session. */
export function developmentSession(): Plugin {
  return {
    name: 'development-session',
    configureServer(server) {
      server.middlewares.use('/ui/session', (_request, response) => {
        response.setHeader('content-type', 'application/json')
        response.end(
          JSON.stringify({
            signedIn: true,
            why: null,
            endsAt: null,
            idleEndsAt: null,
            methods: { key: true, oidc: null },
            buildId: 'development',
          }),
        )
      })
    },
  }
}
