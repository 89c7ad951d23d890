import { createApi } from './server.ts'

/** The OpenAPI document as text, as it is committed in docs/openapi.json. */
export async function renderOpenApi(): Promise<string> {
  const unused = () => Promise.reject(new Error('the document is made without asking anything'))
  const api = createApi({
    authenticator: { authenticate: () => null },
    calls: { listCalls: unused, findCall: unused },
    health: { storeAnswers: unused, directoryLoaded: () => false },
    reporter: { report: unused },
    keys: {
      admin: { createKey: unused, listKeys: unused, renameKey: unused, revokeOwnKey: unused, rotateKey: unused },
      refreshDirectory: unused,
    },
    losses: { losses: unused },
    cursorSecret: 'unused',
  })
  try {
    await api.ready()
    return `${JSON.stringify(api.swagger(), null, 2)}\n`
  } finally {
    await api.close()
  }
}
