import { stubApi } from './stub-api.ts'

/** The OpenAPI document as text, as it is committed in docs/openapi.json. */
export async function renderOpenApi(): Promise<string> {
  const api = stubApi()
  try {
    await api.ready()
    return `${JSON.stringify(api.swagger(), null, 2)}\n`
  } finally {
    await api.close()
  }
}
